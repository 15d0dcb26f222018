import {
  AsyncServlet,
  EnsembleServlet,
  PassThrough,
  ProcessServlet,
  SequentialServlet,
  Server,
  type Servlet,
  SwitchServlet,
  ThreadServlet,
} from '@mpservice/server'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { Double, FailsInInit, Obey } from './fixtures/workers.js'

checkLeaksAfterEach()

const makers: Record<string, () => Servlet<number, unknown>> = {
  'a process servlet': () => new ProcessServlet(Double),
  'a thread servlet': () => new ThreadServlet(Double),
  'an async servlet': () => new AsyncServlet(PassThrough<number>),
  'a sequence': () =>
    new SequentialServlet(
      new AsyncServlet(PassThrough<number>),
      new AsyncServlet(PassThrough<number>),
    ),
  'an ensemble': () => new EnsembleServlet([new AsyncServlet(PassThrough<number>)]),
  'a switch': () => new SwitchServlet([new AsyncServlet(PassThrough<number>)], () => 0),
}

describe.each(Object.entries(makers))('%s', (_, makeServlet) => {
  test('is in one running server, and can be started again when that has ended', async () => {
    const servlet = makeServlet()
    const first = await Server.start(servlet)
    const answer = await first.call(21)
    await expect(Server.start(servlet)).rejects.toThrow(TypeError)
    // The one that is refused changes nothing.
    expect(await first.call(21)).toEqual(answer)
    await first.close()
    const second = await Server.start(servlet)
    expect(await second.call(21)).toEqual(answer)
    await expect(Server.start(servlet)).rejects.toThrow(TypeError)
    await second.kill()
    await using third = await Server.start(servlet)
    expect(await third.call(21)).toEqual(answer)
    // The first server's end is over; a second one frees nothing.
    await first.close()
    await second.kill()
    await expect(Server.start(servlet)).rejects.toThrow(TypeError)
  })
})

describe('a servlet', () => {
  test('that is in a running server says what to do', async () => {
    const inner = new AsyncServlet(PassThrough<number>, { name: 'inner' })
    await using server = await Server.start(new SequentialServlet(inner))
    await expect(Server.start(inner)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[TypeError: servlet 'inner' is in a server that runs: make a second servlet, or close that server first]`,
    )
    const around = new EnsembleServlet([new AsyncServlet(PassThrough<number>), inner])
    await expect(Server.start(around)).rejects.toThrow("'inner' is in a server that runs")
    expect(await server.call(1)).toBe(1)
  })

  test('that is refused with others leaves them free', async () => {
    const taken = new AsyncServlet(PassThrough<number>)
    const free = new AsyncServlet(PassThrough<number>)
    await using server = await Server.start(taken)
    const both = new SequentialServlet(free, taken)
    await expect(Server.start(both)).rejects.toThrow(TypeError)
    await using other = await Server.start(free)
    expect([await server.call(1), await other.call(2)]).toEqual([1, 2])
  })

  test('that is twice in the same server says what to do', async () => {
    const twin = new AsyncServlet(PassThrough<number>, { name: 'twin' })
    const servlets: Servlet<number, unknown>[] = [
      new SequentialServlet(twin, twin),
      new EnsembleServlet([twin, new SequentialServlet(twin)]),
    ]
    for (const servlet of servlets) {
      await expect(Server.start(servlet)).rejects.toThrowErrorMatchingInlineSnapshot(
        `[TypeError: servlet 'twin' is twice in the same server: make a second servlet]`,
      )
    }
    await using server = await Server.start(twin)
    expect(await server.call(1)).toBe(1)
  })

  test('that is being started is refused until that has failed', async () => {
    const fine = new AsyncServlet(PassThrough<number>)
    const servlet = new SequentialServlet(fine, new ProcessServlet(FailsInInit))
    const starting = Server.start(servlet)
    await expect(Server.start(fine)).rejects.toThrow(TypeError)
    await expect(starting).rejects.toMatchObject({ code: 'WORKER_START' })
    await expect(Server.start(servlet)).rejects.toMatchObject({ code: 'WORKER_START' })
    await using server = await Server.start(fine)
    expect(await server.call(1)).toBe(1)
  })

  test('whose start has failed can be started again', async () => {
    let isBroken = false
    class Breaks extends PassThrough<number> {
      override init() {
        if (isBroken) throw new Error('still broken')
      }
    }
    const servlet = new AsyncServlet(Breaks)
    await (await Server.start(servlet)).close()
    isBroken = true
    await expect(Server.start(servlet)).rejects.toMatchObject({ code: 'WORKER_START' })
    isBroken = false
    await using server = await Server.start(servlet)
    expect(await server.call(1)).toBe(1)
  })

  test('of a server that is closing is free when that has closed', async () => {
    const servlet = new AsyncServlet(Obey)
    const server = await Server.start(servlet)
    const answer = server.call({ do: 'sleep', value: 20 })
    const closing = server.close()
    await expect(Server.start(servlet)).rejects.toThrow(TypeError)
    expect(await answer).toBe(20)
    await closing
    await using next = await Server.start(servlet)
    expect(await next.call({ do: 'return', value: 1 })).toBe(1)
  })
})
