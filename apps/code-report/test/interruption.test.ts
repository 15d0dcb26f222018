import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  checkLeaksAfterEach,
  descendants,
  isAlive,
  startHost,
  type TemporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { expect, test } from 'vitest'
import { readRows } from './report-rows.ts'
import { program } from './run-program.ts'
import { temporaryFolder } from './temporary-folder.ts'

checkLeaksAfterEach()

const timeout = 90_000

const functionText = (index: number): string =>
  `export function f${index}(a: number, b: string[]): string {\n` +
  '  for (const c of b) if (c.length > a && /x+/.test(c)) return `${c}-${a}`\n' +
  "  return a > 1 ? 'many' : 'few' // the end\n}\n"

/** Many files, each of which takes some ten milliseconds. */
function manyFiles(count: number): Promise<TemporaryDirectory> {
  const text = Array.from({ length: 60 }, (_, index) => functionText(index)).join('\n')
  const names = Array.from({ length: count }, (_, index) => `${String(index).padStart(4, '0')}.ts`)
  return temporaryFolder(Object.fromEntries(names.map((name) => [name, text])))
}

/** Waits until some files are done and many are not. */
async function isInTheMiddle(out: string): Promise<void> {
  const pages = join(out, 'files')
  await waitUntil(() => existsSync(pages) && readdirSync(pages).length >= 20, {
    what: 'twenty pages are written',
    timeoutMs: 30_000,
  })
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'stops on %s with code %i, leaves no process and reports what is done',
  { timeout },
  async (signal, code) => {
    await using folder = await manyFiles(600)
    const out = join(folder.path, 'report')
    const args = [folder.path, '--out', out]
    await using host = await startHost(program, { args, detached: true })
    await isInTheMiddle(out)
    const children = descendants(host.pid)
    expect(children.length).toBeGreaterThanOrEqual(3)
    // A terminal sends its signal to all processes of the group.
    if (signal === 'SIGINT') host.signalGroup(signal)
    else host.kill(signal)
    const said = await host.line(/^interrupted after /, { timeoutMs: 30_000 })
    expect(await host.waitForExit({ timeoutMs: 30_000 })).toEqual({ code, signal: null })
    await waitUntil(() => !children.some(isAlive), { what: 'all processes are gone' })

    const done = Number(/after (\d+) of 600 files/.exec(said)?.[1])
    expect(done).toBeGreaterThan(0)
    expect(done).toBeLessThan(600)
    const rows = await readRows(out)
    expect(rows.map(([path]) => path)).toEqual(
      Array.from({ length: done }, (_, index) => `${String(index).padStart(4, '0')}.ts`),
    )
    expect(rows.every((row) => row.at(-1) === '')).toBe(true)
    const page = await readFile(join(out, 'index.html'), 'utf8')
    expect(/<p class="notice">\s*(.*?)\s*<\/p>/.exec(page)?.[1]).toBe(
      `Interrupted: this report has ${done} of 600 files.`,
    )
  },
)

test('exits at once on a second SIGINT and leaves no process', { timeout }, async () => {
  await using folder = await manyFiles(600)
  const out = join(folder.path, 'report')
  await using host = await startHost(program, { args: [folder.path, '--out', out] })
  await isInTheMiddle(out)
  const children = descendants(host.pid)
  host.kill('SIGINT')
  await waitUntil(() => host.stderr().includes('SIGINT: stopping'), { what: 'it is stopping' })
  host.kill('SIGINT')
  expect(await host.waitForExit({ timeoutMs: 30_000 })).toEqual({ code: 130, signal: null })
  await waitUntil(() => !children.some(isAlive), { what: 'all processes are gone' })
})

test('loses only the files that a killed process held', { timeout }, async () => {
  await using folder = await manyFiles(300)
  const out = join(folder.path, 'report')
  await using host = await startHost(program, { args: [folder.path, '--out', out] })
  await isInTheMiddle(out)
  const isKilled = (): boolean => {
    // One that waits for its next file holds none.
    const victim = descendants(host.pid).find(({ isRunning }) => isRunning)
    if (victim === undefined) return false
    process.kill(victim.pid, 'SIGKILL')
    return true
  }
  await waitUntil(isKilled, { what: 'a process that is at work is killed' })
  expect(await host.waitForExit({ timeoutMs: 60_000 })).toEqual({ code: 0, signal: null })

  const rows = await readRows(out)
  expect(rows).toHaveLength(300)
  const failed = rows.filter((row) => row.at(-1) !== '')
  expect(new Set(failed.map((row) => row.at(-1)))).toEqual(new Set(['WorkerCrashedError']))
  expect(failed.length).toBeLessThanOrEqual(8)
  // What the other members found about these files is there.
  expect(failed.filter((row) => row.includes('299'))).toEqual(failed)
})
