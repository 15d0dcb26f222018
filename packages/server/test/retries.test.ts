import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ProcessServlet, Server } from '@mpservice/server'
import { checkLeaksAfterEach, temporaryDirectory, waitUntil } from '@mpservice/test-support'
import { describe, expect, test } from 'vitest'
import { readLog, Supervised, SupervisedBatches } from './fixtures/supervised.js'
import { inThreads, onPipes, sharing } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

const kinds = [sharing, onPipes, inThreads].filter(({ isAvailable }) => isAvailable)

describe.each(kinds)('an item whose worker dies, in $name', (kind) => {
  test('is tried again as often as the servlet says, and tells the worker which attempt it is', async () => {
    await using folder = await temporaryDirectory()
    const log = join(folder.path, 'log')
    await using server = await Server.start(kind.servlet(Supervised, { retries: 1 }))
    expect(await server.call({ do: 'exit-once', value: 5, log })).toBe(5)
    expect(readLog(log).map(({ attempt }) => attempt)).toEqual([1, 2])
    expect(server.backlog).toBe(0)
  })

  test('fails as poison when it has ended one worker more than that, and harms no other item', async () => {
    await using folder = await temporaryDirectory()
    const log = join(folder.path, 'log')
    await using server = await Server.start(kind.servlet(Supervised, { cpus: 2, retries: 3 }), {
      capacity: 64,
    })
    const orders = Array.from({ length: 400 }, (_, value) => ({
      do: value === 100 ? 'exit' : 'return',
      value,
      log,
    }))
    const results: unknown[] = []
    for await (const result of server.stream(orders, { returnExceptions: true })) {
      results.push(result)
    }
    expect(results[100]).toMatchObject({
      code: 'POISON_ITEM',
      message: expect.stringMatching(/^the item has ended 4 workers/),
      deaths: [1, 2, 3, 4].map((attempt) => ({ code: 'WORKER_CRASHED', exitCode: 7, attempt })),
      cause: { attempt: 4 },
    })
    expect(results.filter((_, value) => value !== 100)).toEqual(
      orders.map(({ value }) => value).filter((value) => value !== 100),
    )
    const executions = readLog(log)
    expect(executions.filter(({ value }) => value === 100)).toHaveLength(4)
    expect(new Set(executions.map(({ value }) => value)).size).toBe(400)
    // What was begun beside it, if anything was, is not counted as its fault.
    expect(server.state).toBe('open')
    expect(server.backlog).toBe(0)
  })

  test('takes its batch with it, of which each item has an error of its own', async () => {
    await using server = await Server.start(
      kind.servlet(SupervisedBatches, { batchSize: 4, batchWaitMs: 10_000 }),
    )
    const calls = [1, 2, 3, 4].map((value) =>
      server.call({ do: value === 3 ? 'exit' : 'return', value }),
    )
    const errors = await Promise.all(calls.map((call) => call.catch((error: unknown) => error)))
    expect(errors).toMatchObject(
      errors.map(() => ({ code: 'WORKER_CRASHED', batchSize: 4, attempt: 1 })),
    )
    expect(new Set(errors).size).toBe(4)
  })

  test('is the only one of its batch that fails where items are tried again', async () => {
    await using folder = await temporaryDirectory()
    const log = join(folder.path, 'log')
    await using server = await Server.start(
      kind.servlet(SupervisedBatches, { batchSize: 8, batchWaitMs: 10_000, retries: 1 }),
    )
    const calls = Array.from({ length: 8 }, (_, value) =>
      server.call({ do: value === 3 ? 'exit' : 'return', value, log }),
    )
    const outcomes = await Promise.allSettled(calls)
    const failed = outcomes.flatMap((outcome, index) =>
      outcome.status === 'rejected' ? [{ index, ...outcome.reason }] : [],
    )
    expect(failed).toMatchObject([
      { index: 3, code: 'POISON_ITEM', deaths: [{ batchSize: 8 }, { batchSize: 1 }] },
    ])
    const executions = readLog(log)
    expect(executions.filter(({ value }) => value === 3)).toHaveLength(2)
    expect(Math.max(...executions.map(({ attempt }) => attempt))).toBe(2)
  })
})

test('an item that is tried again does not wait for a worker that is busy while another is free', async () => {
  await using folder = await temporaryDirectory()
  const [log, until] = [join(folder.path, 'log'), join(folder.path, 'until')]
  await using server = await Server.start(new ProcessServlet(Supervised, { cpus: 2, retries: 1 }))
  const busy = server.call({ do: 'loop-until', until, value: 1, log })
  await waitUntil(() => readLog(log).length === 1, { what: 'one worker is busy' })
  expect(await server.call({ do: 'exit-once', value: 2, log })).toBe(2)
  expect(readLog(log).map(({ value }) => value)).toEqual([1, 2, 2])
  await writeFile(until, '')
  await busy
})

test('many items that end their workers do not stop a server, which settles every item', async () => {
  await using server = await Server.start(new ProcessServlet(Supervised, { cpus: 2, retries: 1 }))
  const orders = Array.from({ length: 60 }, (_, value) => ({
    do: value % 10 === 0 ? 'exit' : 'return',
    value,
  }))
  const outcomes: PromiseSettledResult<unknown>[] = []
  for await (const outcome of server.stream(orders, { settled: true })) outcomes.push(outcome)
  outcomes.forEach((outcome, value) => {
    if (value % 10 === 0) expect(outcome).toMatchObject({ reason: { code: 'POISON_ITEM' } })
    else expect(outcome).toEqual({ status: 'fulfilled', value })
  })
  expect(server.backlog).toBe(0)
  expect(server.state).toBe('open')
})
