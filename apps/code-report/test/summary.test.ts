import { expect, test } from 'vitest'
import type { FileReport } from '../src/file-report.ts'
import { summarise } from '../src/summary.ts'

const measure = { line: 1, endLine: 2, parameters: 0, nesting: 0 }

function report(path: string, fields: Partial<FileReport>): FileReport {
  return {
    path,
    page: `files/${path}.html`,
    language: 'TypeScript',
    sizeBytes: 100,
    lines: undefined,
    words: [],
    syntax: undefined,
    tookMs: { highlight: 0, parse: 0, tokens: 0 },
    failures: [],
    ...fields,
  }
}

test('sums up files', () => {
  const failure = { stage: 'read', name: 'Error', code: undefined, message: '', stack: '' } as const
  const slow = report('slow', {
    sizeBytes: 3000,
    lines: { total: 10, code: 7, comment: 2, blank: 1 },
    words: [['queue', 2]],
    syntax: {
      functions: 2,
      maxComplexity: 12,
      maxNesting: 1,
      complexities: [12, 1],
      mostComplex: [
        { ...measure, name: 'f', complexity: 12 },
        { ...measure, name: 'g', complexity: 1 },
      ],
    },
    tookMs: { highlight: 5, parse: 2, tokens: 1 },
  })
  const quick = report('quick', {
    lines: { total: 2, code: 2, comment: 0, blank: 0 },
    words: [
      ['queue', 1],
      ['item', 1],
    ],
    tookMs: { highlight: 1, parse: 0, tokens: 0 },
  })
  const lost = report('lost', { language: 'CSS', failures: [failure, failure] })
  expect(summarise([slow, quick, lost])).toEqual({
    files: 3,
    failedFiles: 1,
    bytes: 3200,
    lines: { total: 12, code: 9, comment: 2 },
    functions: 2,
    meanComplexity: 6.5,
    languages: [
      { label: 'TypeScript', files: 2, lines: 12 },
      { label: 'CSS', files: 1, lines: 0 },
    ],
    sizes: [
      { label: '0', from: 0, count: 2 },
      { label: '256', from: 256, count: 0 },
      { label: '512', from: 512, count: 0 },
      { label: '1K', from: 1024, count: 0 },
      { label: '2K', from: 2048, count: 1 },
    ],
    complexities: [
      { label: '1', from: 1, count: 1 },
      { label: '2', from: 2, count: 0 },
      { label: '3', from: 3, count: 0 },
      { label: '4–5', from: 4, count: 0 },
      { label: '6–7', from: 6, count: 0 },
      { label: '8–10', from: 8, count: 0 },
      { label: '11–15', from: 11, count: 1 },
    ],
    mostComplex: [{ ...measure, name: 'f', complexity: 12, path: 'slow', page: 'files/slow.html' }],
    slowest: [slow, quick],
    words: [
      ['queue', 3],
      ['item', 1],
    ],
    failures: [['Error', 2]],
    workedMs: { highlight: 6, parse: 2, tokens: 1 },
  })
})

test('sums up nothing', () => {
  expect(summarise([])).toMatchObject({
    files: 0,
    meanComplexity: 0,
    sizes: [],
    complexities: [],
    slowest: [],
  })
})
