import type { FileReport } from './file-report.ts'
import type { FunctionMeasure } from './measure-syntax.ts'
import { mostFrequent } from './most-frequent.ts'

/** What all files together come to. */
export interface Summary {
  readonly files: number
  readonly failedFiles: number
  readonly bytes: number
  readonly lines: { readonly total: number; readonly code: number; readonly comment: number }
  readonly functions: number
  /** The mean of the functions' complexity; 0 when there are none. */
  readonly meanComplexity: number
  /** Most lines first. */
  readonly languages: readonly LanguageTotal[]
  readonly sizes: readonly Bin[]
  readonly complexities: readonly Bin[]
  /** The most complex functions of all files. */
  readonly mostComplex: readonly FoundFunction[]
  /** The files that took the longest. */
  readonly slowest: readonly FileReport[]
  /** Summed from the most frequent words of each file. */
  readonly words: readonly (readonly [word: string, count: number])[]
  /** How many exceptions of each class there were. */
  readonly failures: readonly (readonly [name: string, count: number])[]
  /** The time that each member worked, over all its processes, in milliseconds. */
  readonly workedMs: { readonly highlight: number; readonly parse: number; readonly tokens: number }
}

/** One language in the summary. */
interface LanguageTotal {
  readonly label: string
  readonly files: number
  readonly lines: number
}

/** One bar of a distribution: how many values fall into a range. */
interface Bin {
  readonly label: string
  readonly count: number
  /** The smallest value that belongs here. */
  readonly from: number
}

/** A function and where it is. */
interface FoundFunction extends FunctionMeasure {
  readonly path: string
  readonly page: string
}

const longListLength = 12
const wordCount = 48
const sizeStarts = [0, 256, 512, ...powersOfTwo(10, 20)]
const complexityStarts = [1, 2, 3, 4, 6, 8, 11, 16, 21, 31, 51]

/** Sums up the lines of a report. */
export function summarise(reports: readonly FileReport[]): Summary {
  const complexities = reports.flatMap(({ syntax }) => syntax?.complexities ?? [])
  const functions: FoundFunction[] = reports.flatMap(({ path, page, syntax }) =>
    (syntax?.mostComplex ?? []).map((measure) => ({ ...measure, path, page })),
  )
  return {
    files: reports.length,
    failedFiles: reports.filter(({ failures }) => failures.length > 0).length,
    bytes: sum(reports, ({ sizeBytes }) => sizeBytes),
    lines: {
      total: sum(reports, ({ lines }) => lines?.total ?? 0),
      code: sum(reports, ({ lines }) => lines?.code ?? 0),
      comment: sum(reports, ({ lines }) => lines?.comment ?? 0),
    },
    functions: complexities.length,
    meanComplexity: complexities.length === 0 ? 0 : sum(complexities, Number) / complexities.length,
    languages: languageTotals(reports),
    sizes: distribute(
      reports.map(({ sizeBytes }) => sizeBytes),
      sizeStarts,
      sizeLabel,
    ),
    complexities: distribute(complexities, complexityStarts, complexityLabel),
    mostComplex: functions
      .toSorted((a, b) => b.complexity - a.complexity)
      .filter(({ complexity }) => complexity > 1)
      .slice(0, longListLength),
    slowest: reports
      .filter((report) => totalMs(report) > 0)
      .toSorted((a, b) => totalMs(b) - totalMs(a))
      .slice(0, longListLength),
    words: mostFrequent(wordTotals(reports), wordCount),
    failures: mostFrequent(failureTotals(reports), Infinity),
    workedMs: {
      highlight: sum(reports, ({ tookMs }) => tookMs.highlight),
      parse: sum(reports, ({ tookMs }) => tookMs.parse),
      tokens: sum(reports, ({ tookMs }) => tookMs.tokens),
    },
  }
}

/** How long all members together worked on a file, in milliseconds. */
export function totalMs({ tookMs }: FileReport): number {
  return tookMs.highlight + tookMs.parse + tookMs.tokens
}

function languageTotals(reports: readonly FileReport[]): LanguageTotal[] {
  const totals = new Map<string, { label: string; files: number; lines: number }>()
  for (const { language, lines } of reports) {
    const total = totals.get(language) ?? { label: language, files: 0, lines: 0 }
    total.files += 1
    total.lines += lines?.total ?? 0
    totals.set(language, total)
  }
  return [...totals.values()].toSorted((a, b) => b.lines - a.lines || (a.label < b.label ? -1 : 1))
}

function wordTotals(reports: readonly FileReport[]): Map<string, number> {
  const totals = new Map<string, number>()
  for (const { words } of reports) {
    for (const [word, count] of words) totals.set(word, (totals.get(word) ?? 0) + count)
  }
  return totals
}

function failureTotals(reports: readonly FileReport[]): Map<string, number> {
  const totals = new Map<string, number>()
  for (const { name } of reports.flatMap(({ failures }) => failures)) {
    totals.set(name, (totals.get(name) ?? 0) + 1)
  }
  return totals
}

/** Counts values by ranges; empty ranges at both ends are left out. */
function distribute(
  values: readonly number[],
  starts: readonly number[],
  labelOf: (from: number, next: number | undefined) => string,
): Bin[] {
  const bins = starts.map((from, index) => {
    const next = starts[index + 1]
    const count = values.filter((value) => value >= from && value < (next ?? Infinity)).length
    return { label: labelOf(from, next), from, count }
  })
  const first = bins.findIndex(({ count }) => count > 0)
  const last = bins.findLastIndex(({ count }) => count > 0)
  return first === -1 ? [] : bins.slice(first, last + 1)
}

function sizeLabel(from: number): string {
  if (from < 1024) return String(from)
  return from < 1024 * 1024 ? `${from / 1024}K` : `${from / 1024 / 1024}M`
}

function complexityLabel(from: number, next: number | undefined): string {
  if (next === undefined) return `${from}+`
  return next - from === 1 ? String(from) : `${from}–${next - 1}`
}

function powersOfTwo(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => 2 ** (first + index))
}

function sum<Item>(items: readonly Item[], valueOf: (item: Item) => number): number {
  return items.reduce((total, item) => total + valueOf(item), 0)
}
