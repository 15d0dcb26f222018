import { expect, test } from 'vitest'
import { childEnvironment, inheritedExecArgv } from '../src/exec-argv.ts'

test('loaders and conditions pass on, flags of one process only do not', () => {
  const flags = [
    '--import',
    'tsx',
    '--inspect-brk=0',
    '--conditions=source',
    '-e',
    '1 + 1',
    '--test',
    '--max-old-space-size=64',
    '--cpu-prof',
    '--require',
    './setup.js',
    '--watch',
    '-p',
    'x',
    '--enable-source-maps',
    '--eval=2',
    '--prof',
  ]
  expect(
    inheritedExecArgv([
      '--cpu-prof-dir',
      'out',
      '--test-reporter',
      'spec',
      '--input-type=module',
      '--input-type',
      'module',
      '--import',
      'tsx',
    ]),
  ).toEqual(['--import', 'tsx'])
  expect(inheritedExecArgv(flags)).toEqual([
    '--import',
    'tsx',
    '--conditions=source',
    '--max-old-space-size=64',
    '--require',
    './setup.js',
    '--enable-source-maps',
  ])
})

test('debugger flags leave NODE_OPTIONS, other variables stay', () => {
  expect(childEnvironment({ NODE_OPTIONS: '--inspect=0 --max-old-space-size=64', A: 'b' })).toEqual(
    {
      NODE_OPTIONS: '--max-old-space-size=64',
      A: 'b',
    },
  )
  expect(childEnvironment({ A: 'b' })).toEqual({ A: 'b' })
})
