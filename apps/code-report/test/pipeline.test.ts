import { expect, test } from 'vitest'
import { makePipeline, processesForAllCpus } from '../src/pipeline.ts'

test.each([
  [1, { highlight: 1, parse: 1, tokens: 1 }],
  [2, { highlight: 2, parse: 1, tokens: 1 }],
  [8, { highlight: 8, parse: 1, tokens: 1 }],
  [16, { highlight: 16, parse: 2, tokens: 2 }],
])('spreads over %i CPUs', (cpus, processes) => {
  expect(processesForAllCpus(cpus)).toEqual(processes)
})

test('has the workers that it was told to have', () => {
  const pipeline = makePipeline('/nowhere', { highlight: 2, parse: 1, tokens: 1 })
  expect(pipeline.workers.map(({ name }) => name)).toEqual([
    'read-0',
    'text-0',
    'highlight-0',
    'highlight-1',
    'parse-0',
    'tokens-0',
    'combine-0',
  ])
})
