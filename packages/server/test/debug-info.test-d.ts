import type { Server, ServerInfo } from '@mpservice/server'
import { expectTypeOf, test } from 'vitest'

test('debugInfo gives a promise only where stacks are asked for', () => {
  const server: Server<number, number> = Object(null)
  expectTypeOf(() => server.debugInfo()).returns.toEqualTypeOf<ServerInfo>()
  expectTypeOf(() => server.debugInfo({ stacks: false })).returns.toEqualTypeOf<ServerInfo>()
  expectTypeOf(() => server.debugInfo({ stacks: true })).returns.toEqualTypeOf<
    Promise<ServerInfo>
  >()
})
