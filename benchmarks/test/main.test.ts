import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** These start many processes after one another. */
const timeout = 120_000
const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))

function startBench(...args: readonly string[]) {
  return spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

async function bench(...args: readonly string[]) {
  const child = startBench(...args)
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code: child.exitCode, stdout, stderr }
}

test('finds in a smoke run that variants answer rightly', { timeout }, async () => {
  expect(await bench('--smoke', '--variants', 'mpservice,raw-pipe')).toEqual({
    code: 0,
    stdout: `\
mpservice-process    right in 10 workloads
mpservice-thread     right in 10 workloads
raw-pipe             right in 10 workloads
`,
    stderr: '',
  })
})

test(
  'measures round after round, what takes long in the first only, and writes the results',
  { timeout },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-'))
    try {
      const args = [
        '--only',
        'noop-throughput,nested,memory',
        '--variants',
        'mpservice-process,raw-thread',
        '--rounds',
        '2',
      ]
      const { code, stdout, stderr } = await bench(...args, '--seconds', '0.05', '--out', folder)
      expect(code).toBe(0)
      expect(stdout).toContain('nested: nested object of 200 bytes, 64 in flight, calls/s')
      expect(stderr.replaceAll(/-?[\d. ]+(?= calls| MiB)/g, ' N')).toBe(`\
1/2 noop-throughput mpservice-process: N calls/s
1/2 noop-throughput raw-thread: N calls/s
1/2 nested mpservice-process: N calls/s
1/2 nested raw-thread: N calls/s
1/2 memory mpservice-process: N MiB
1/2 memory raw-thread: N MiB
2/2 noop-throughput mpservice-process: N calls/s
2/2 noop-throughput raw-thread: N calls/s
2/2 nested mpservice-process: N calls/s
2/2 nested raw-thread: N calls/s
`)
      expect((await readdir(folder)).toSorted()).toEqual([
        'memory.svg',
        'nested.svg',
        'noop-throughput.svg',
        'overview.svg',
        'results.json',
        'results.md',
      ])
      const results: unknown = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8'))
      expect(results).toMatchObject({
        isComplete: true,
        rounds: 2,
        seconds: 0.05,
        versions: { piscina: '5.3.2' },
        variants: [{ name: 'mpservice-process' }, { name: 'raw-thread' }],
        summary: [{ workload: 'noop-throughput' }, { workload: 'nested' }, { workload: 'memory' }],
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  },
)

test('refuses what it does not know with exit code 2', async () => {
  expect(await bench('--variants', 'nobody')).toMatchObject({ code: 2, stdout: '' })
})

test('stops at an interrupt and keeps what it has', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  try {
    const args = ['--only', 'first-result', '--variants', 'raw-fork', '--rounds', '1000']
    const child = startBench(...args, '--out', folder)
    const ending = Promise.all([text(child.stdout), once(child, 'exit')])
    await once(child.stderr, 'data')
    child.kill('SIGINT')
    const [stdout] = await ending
    expect(child.exitCode).toBe(130)
    expect(stdout).toContain('first-result: start of two workers to first result')
    const results: unknown = JSON.parse(await readFile(join(folder, 'results.json'), 'utf8'))
    expect(results).toMatchObject({ isComplete: false, rounds: 1000 })
  } finally {
    await rm(folder, { recursive: true })
  }
})
