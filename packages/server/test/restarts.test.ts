import { join } from 'node:path'
import { ProcessServlet, Server, ThreadServlet } from '@mpservice/server'
import {
  checkLeaksAfterEach,
  folderClosedToOthers,
  startHost,
  temporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { ServesOnce } from './fixtures/serves-once.js'

checkLeaksAfterEach()

describe('workers whose predecessor has served, but which do not start', () => {
  test.each(['processes', 'threads'])(
    'fail the server: %s',
    async (kind) => {
      await using directory = await temporaryDirectory()
      const args = { mark: join(directory.path, 'mark') }
      const servlet =
        kind === 'processes'
          ? new ProcessServlet(ServesOnce, { args })
          : new ThreadServlet(ServesOnce, { args })
      await using server = await Server.start(servlet)
      expect(await server.call('mark')).toBe('mark')
      await expect(server.call('exit')).rejects.toMatchObject({
        code: 'WORKER_CRASHED',
        exitCode: 3,
      })
      await waitUntil(() => server.state === 'failed', {
        what: 'the server gives up',
        timeoutMs: 30_000,
      })
      await expect(server.call('later')).rejects.toMatchObject({
        code: 'SERVER_FAILED',
        workerName: 'ServesOnce-0',
        deaths: 6,
        message: expect.stringContaining("'ServesOnce-0' died 6 times within 30 s"),
        cause: { code: 'WORKER_START' },
      })
      // What has failed is no reason not to be tried again, and is tried again.
      await server.close()
      await expect(Server.start(servlet)).rejects.toMatchObject({ code: 'WORKER_START' })
    },
    60_000,
  )
})

// The reason is printed with the test's name.
test.skipIf(
  process.getuid?.() !== 0 || folderClosedToOthers(new URL(import.meta.url)) !== undefined,
)(
  'a server into whose memory no child can look serves large inputs (only where tests run as root, from a folder that others may enter)',
  async () => {
    await using host = await startHost(new URL('./fixtures/serves-once.js', import.meta.url))
    expect(await host.nextLine({ timeoutMs: 30_000 })).toBe('1 1000000')
    expect(await host.exited).toEqual({ code: 0, signal: null })
  },
)
