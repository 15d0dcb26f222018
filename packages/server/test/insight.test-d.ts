import {
  AsyncServlet,
  makeWorker,
  Server,
  type ServerEvent,
  type ServerMetrics,
  type ServerState,
  type ServerStateEvent,
  type StageMetrics,
  type WorkerExitEvent,
  type WorkerStartEvent,
  type WorkerStuckEvent,
} from '@mpservice/server'
import { expectTypeOf, test } from 'vitest'

declare const server: Server<number, number>

test('a listener gets the event of its name', () => {
  server.on('worker-start', (event) => expectTypeOf(event).toEqualTypeOf<WorkerStartEvent>())
  server.once('worker-exit', (event) => {
    expectTypeOf(event).toEqualTypeOf<WorkerExitEvent>()
    expectTypeOf(event.error).toEqualTypeOf<Error | undefined>()
  })
  server.on('worker-stuck', (event) => expectTypeOf(event).toEqualTypeOf<WorkerStuckEvent>())
  server.on('state', ({ from, to }) => expectTypeOf([from, to]).toEqualTypeOf<ServerState[]>())
})

test('on, once and off give the server, with its types', () => {
  const listen = (event: ServerEvent): string => event.kind
  expectTypeOf(
    server.on('state', listen).once('worker-exit', listen).off('state', listen),
  ).toEqualTypeOf<Server<number, number>>()
})

test('other names, and listeners for other events, do not compile', () => {
  // @ts-expect-error There is no such event.
  server.on('exit', () => undefined)
  // @ts-expect-error A state has no pid.
  server.on('state', ({ pid }) => pid)
  // @ts-expect-error It takes another event.
  server.on('worker-exit', (event: ServerStateEvent) => event.to)
})

test('metrics are a tree of stages that is told apart by what is in it', async () => {
  const started = await Server.start(new AsyncServlet(makeWorker((x: number) => x)))
  expectTypeOf(started.metrics()).toEqualTypeOf<ServerMetrics>()
  const { servlet } = started.metrics()
  if ('children' in servlet) expectTypeOf(servlet.children).toEqualTypeOf<readonly StageMetrics[]>()
  else expectTypeOf(servlet.utilisation).toEqualTypeOf<number | null>()
})
