import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { measureVariant } from '../src/measure-variant.ts'

const program = new URL('./fixtures/scripted-variant.js', import.meta.url)
const fine = { kind: 'measured', value: 1.5, details: { calls: 3 } }

function measure(workloads: readonly string[], limitMs = 20_000, signal?: AbortSignal) {
  return measureVariant({ variant: 'scripted', workloads, seconds: 1, limitMs, signal, program })
}

test('gives an outcome for each workload, in order', async () => {
  expect(await measure(['fine', 'wrong', 'fine'])).toEqual([
    fine,
    { kind: 'failed', reason: 'Error: 2 is not 3' },
    fine,
  ])
})

test('kills a workload that hangs and measures those behind it in another process', async () => {
  expect(await measure(['fine', 'hang', 'fine'], 700)).toEqual([
    fine,
    { kind: 'hung', limitMs: 700 },
    fine,
  ])
})

test('tells how a process has ended that gave no outcome', async () => {
  expect(await measure(['exit', 'throw', 'fine'])).toEqual([
    { kind: 'failed', reason: 'its process ended (exit code 7) out of luck' },
    { kind: 'failed', reason: 'its process ended (exit code 1) Error: thrown' },
    fine,
  ])
})

test('takes what is no outcome for a failure', async () => {
  expect(await measure(['nonsense', 'fine'])).toEqual([
    {
      kind: 'failed',
      reason: 'this is no outcome: {"kind":"measured","value":"much","details":{}}',
    },
    fine,
  ])
})

test('ends the children of what it has measured', async () => {
  const [outcome] = await measure(['parent'])
  if (outcome?.kind !== 'measured') throw new Error('the program told no process id')
  const deadline = performance.now() + 10_000
  while (isAlive(outcome.value) && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(isAlive(outcome.value)).toBe(false)
})

test('rejects with the reason of its signal, and measures nothing more', async () => {
  const interruption = new AbortController()
  const measuring = measure(['hang', 'fine'], 20_000, interruption.signal)
  const reason = new Error('enough')
  interruption.abort(reason)
  await expect(measuring).rejects.toBe(reason)
  await expect(measure(['fine'], 20_000, interruption.signal)).rejects.toBe(reason)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // Who has ended but has not been fetched by the parent is still there by its number.
    return (
      process.platform !== 'linux' || !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z')
    )
  } catch {
    return false
  }
}
