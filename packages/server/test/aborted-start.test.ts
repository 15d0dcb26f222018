import { EnsembleServlet, ProcessServlet, Server, ThreadServlet } from '@mpservice/server'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { expect, test } from 'vitest'
import { Echo, NeverReady } from './fixtures/workers.js'

checkLeaksAfterEach()

test('a start that is aborted ends all workers, and rejects with the reason', async () => {
  const controller = new AbortController()
  const { signal } = controller
  const servlet = new EnsembleServlet([
    new ThreadServlet(Echo),
    new ProcessServlet(NeverReady, { cpus: 2 }),
  ])
  const starting = Server.start(servlet, { signal }).catch((error: unknown) => error)
  controller.abort(new Error('not wanted any more'))
  expect(await starting).toMatchObject({ message: 'not wanted any more' })
  await expect(Server.start(servlet, { signal })).rejects.toThrow('not wanted any more')
})

test('a signal that aborts after the start ends nothing', async () => {
  const controller = new AbortController()
  await using server = await Server.start(new ThreadServlet(Echo), { signal: controller.signal })
  controller.abort()
  expect(await server.call(1)).toBe(1)
})
