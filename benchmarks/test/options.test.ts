import { expect, test } from 'vitest'
import { helpText, parseOptions, UsageError } from '../src/options.ts'
import { variants } from '../src/variants.ts'
import { workloads } from '../src/workloads.ts'

test('has a default for everything', () => {
  expect(parseOptions([])).toEqual({
    kind: 'bench',
    options: { variants, workloads, rounds: 5, seconds: 1, out: 'results', isSmoke: false },
  })
})

test('has small defaults for a smoke run, which writes nothing', () => {
  const invocation = parseOptions(['--smoke'])
  if (invocation.kind !== 'bench') throw new Error('this is no bench')
  const { workloads: chosen, ...options } = invocation.options
  expect(options).toEqual({ variants, rounds: 1, seconds: 0.01, out: undefined, isSmoke: true })
  expect(chosen.map(({ name }) => name)).toEqual([
    'noop-latency',
    'nested',
    'echo-1m',
    'echo-16m',
    'stream',
    'three-stages',
    'ensemble',
    'cpu',
    'memory',
    'idle-cpu',
  ])
})

test('selects by names and by their beginnings, in the order of the tables', () => {
  const invocation = parseOptions(['--only', 'echo,nested', '--variants', 'raw-fork, mpservice'])
  if (invocation.kind !== 'bench') throw new Error('this is no bench')
  const { options } = invocation
  expect(options.workloads.map(({ name }) => name)).toEqual([
    'nested',
    'echo-1k',
    'echo-64k',
    'echo-1m',
    'echo-16m',
  ])
  expect(options.variants.map(({ name }) => name)).toEqual([
    'mpservice-process',
    'mpservice-thread',
    'mpservice-sync',
    'raw-fork',
  ])
})

test('takes numbers and a folder', () => {
  expect(parseOptions(['--rounds', '3', '--seconds=.25', '--out', 'there'])).toMatchObject({
    options: { rounds: 3, seconds: 0.25, out: 'there' },
  })
})

test('takes options behind two dashes, too', () => {
  expect(parseOptions(['--', '--help'])).toEqual({ kind: 'help' })
})

test('knows --help and -h, and names all variants and workloads', () => {
  expect(parseOptions(['--help'])).toEqual({ kind: 'help' })
  expect(parseOptions(['-h'])).toEqual({ kind: 'help' })
  const missing = [...variants, ...workloads].filter(({ name }) => !helpText.includes(`  ${name} `))
  expect(missing).toEqual([])
})

test.each([
  [['--rounds', '0'], '--rounds needs a whole number from 1 to 1000, not "0"'],
  [['--seconds', '0'], '--seconds needs a number from 0.01 to 600, not "0"'],
  [['--seconds', '1e3'], '--seconds needs a number from 0.01 to 600, not "1e3"'],
  [['--out', ''], '--out needs a folder'],
  [
    ['--only', 'noop,latency'],
    `--only: "latency" is none of ${workloads.map(({ name }) => name).join(', ')}`,
  ],
  [
    ['--variants', 'pisc'],
    `--variants: "pisc" is none of ${variants.map(({ name }) => name).join(', ')}`,
  ],
])('refuses %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(new UsageError(message))
})

test('refuses unknown options and arguments', () => {
  expect(() => parseOptions(['--fast'])).toThrow(UsageError)
  expect(() => parseOptions(['noop'])).toThrow(UsageError)
})
