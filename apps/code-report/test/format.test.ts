import { expect, test } from 'vitest'
import { formatBytes, formatCount, formatMs, formatPlural, formatShare } from '../src/format.ts'

test('formats for people', () => {
  expect([0, 999, 1000, 1234567].map(formatCount)).toEqual([
    '0',
    '999',
    '1\u202F000',
    '1\u202F234\u202F567',
  ])
  expect([0, 1023, 1024, 10239, 1048576, 5e12].map(formatBytes)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KB',
    '10 KB',
    '1.0 MB',
    '4.5 TB',
  ])
  expect([0, 9.94, 850.4, 999.6, 12_345, 99_960, 245_000].map(formatMs)).toEqual([
    '0.0 ms',
    '9.9 ms',
    '850 ms',
    '1.0 s',
    '12.3 s',
    '1 min 40 s',
    '4 min 05 s',
  ])
  expect([formatShare(0, 0), formatShare(1, 1000), formatShare(1, 3)]).toEqual([
    '0 %',
    '< 1 %',
    '33 %',
  ])
  expect([formatPlural(1, 'file'), formatPlural(2, 'file')]).toEqual(['1 file', '2 files'])
})
