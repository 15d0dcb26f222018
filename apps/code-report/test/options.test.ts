import { expect, test } from 'vitest'
import { parseOptions, UsageError } from '../src/options.ts'

const defaults = {
  folder: undefined,
  out: 'code-report-output',
  processes: undefined,
  compare: false,
  maxFiles: undefined,
}

test('has a default for everything', () => {
  expect(parseOptions([])).toEqual({ kind: 'report', options: defaults })
})

test('takes a folder and options in any order', () => {
  const options = { ...defaults, folder: 'src', out: 'x', processes: 3, maxFiles: 10 }
  const args = ['--out', 'x', 'src', '--processes=3', '--max-files', '10']
  expect(parseOptions(args)).toEqual({ kind: 'report', options })
})

test('takes a folder that begins with a dash after two dashes', () => {
  const options = { ...defaults, folder: '-odd', compare: true }
  expect(parseOptions(['--compare', '--', '-odd'])).toEqual({ kind: 'report', options })
})

test('knows --help and -h', () => {
  expect(parseOptions(['--help'])).toEqual({ kind: 'help' })
  expect(parseOptions(['src', '-h'])).toEqual({ kind: 'help' })
})

test.each([
  [['--frobnicate'], "unknown option '--frobnicate' (--help shows the options)"],
  [['-x'], "unknown option '-x' (--help shows the options)"],
  [['--out'], "option '--out <value>' argument missing (--help shows the options)"],
  [['--compare=yes'], "option '--compare' does not take an argument (--help shows the options)"],
  [['a', 'b'], 'one folder is expected, but 2 were given: a, b'],
  [[''], 'the folder is empty'],
  [['--out='], '--out needs a folder'],
  [['--processes', '0'], '--processes needs a whole number from 1 to 256, not "0"'],
  [['--processes', '2.5'], '--processes needs a whole number from 1 to 256, not "2.5"'],
  [['--processes', '257'], '--processes needs a whole number from 1 to 256, not "257"'],
  [['--max-files', 'many'], '--max-files needs a whole number from 1 to 10000000, not "many"'],
  [
    ['--compare', '--processes', '2'],
    '--compare chooses the numbers of processes itself; leave out --processes',
  ],
])('refuses %j with the reason', (args, message) => {
  expect(() => parseOptions(args)).toThrow(new UsageError(message))
})
