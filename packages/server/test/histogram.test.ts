import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram } from '../src/insight/histogram.ts'
import { summarizeSizes, summarizeTimes } from '../src/insight/summary.ts'

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

/** Of sorted values. */
function exactQuantile(values: readonly number[], share: number): number {
  return values[Math.max(1, Math.ceil(share * values.length)) - 1] ?? Number.NaN
}

test('a histogram without values says 0 everywhere', () => {
  expect(summarizeTimes(new Histogram())).toEqual({
    count: 0,
    meanMs: 0,
    p50Ms: 0,
    p90Ms: 0,
    p99Ms: 0,
    maxMs: 0,
  })
})

test('a single value is every quantile', () => {
  const histogram = histogramOf([5.3])
  expect([0, 0.5, 0.99, 1].map((share) => histogram.quantile(share))).toEqual([5.3, 5.3, 5.3, 5.3])
  const { count, sum, min, max, mean } = histogram
  expect({ count, sum, min, max, mean }).toEqual({
    count: 1,
    sum: 5.3,
    min: 5.3,
    max: 5.3,
    mean: 5.3,
  })
})

test('quantiles from a microsecond to a day are within 1.6 % of the exact ones', () => {
  const time = fc.double({ min: Math.log(0.001), max: Math.log(86_400_000), noNaN: true })
  fc.assert(
    fc.property(
      fc.array(time, { minLength: 1, maxLength: 500 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (logarithms, share) => {
        const values = logarithms.map((each) => Math.exp(each)).toSorted((a, b) => a - b)
        const exact = exactQuantile(values, share)
        const found = histogramOf(values).quantile(share)
        expect(Math.abs(found - exact) / exact).toBeLessThanOrEqual(1 / 63)
      },
    ),
    { numRuns: 300 },
  )
})

test('count, sum, least and greatest value are exact', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e8, noNaN: true })), (values) => {
      const { count, sum, min, max } = histogramOf(values)
      expect(count).toBe(values.length)
      expect(sum).toBe(values.reduce((total, value) => total + value, 0))
      expect(min).toBe(values.length === 0 ? 0 : Math.min(...values))
      expect(max).toBe(Math.max(0, ...values))
    }),
  )
})

test('what is no sensible time is counted at the ends', () => {
  const histogram = histogramOf([-1, Number.NaN, 0, 1e-9, 1e300, Infinity])
  expect(histogram.count).toBe(6)
  expect(histogram.min).toBe(0)
  expect(histogram.quantile(0.5)).toBeLessThan(0.001)
  expect(histogram.max).toBe(2 ** 27)
  expect(histogram.quantile(0.8)).toBeGreaterThan(1e8)
  expect(histogram.sum).toBeLessThan(1e9)
})

test('quantiles of sizes up to 64 are exact', () => {
  const size = fc.integer({ min: 1, max: 64 })
  fc.assert(
    fc.property(fc.array(size, { minLength: 1, maxLength: 200 }), (sizes) => {
      const sorted = sizes.toSorted((a, b) => a - b)
      expect(summarizeSizes(histogramOf(sizes))).toMatchObject({
        count: sizes.length,
        p50: exactQuantile(sorted, 0.5),
        p90: exactQuantile(sorted, 0.9),
        p99: exactQuantile(sorted, 0.99),
        max: sorted.at(-1),
      })
    }),
  )
})
