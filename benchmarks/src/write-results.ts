import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { barChart } from './bar-chart.ts'
import { type Circumstances, currentCircumstances } from './circumstances.ts'
import { markdownReport } from './markdown-report.ts'
import type { BenchOptions } from './options.ts'
import { overviewChart } from './overview-chart.ts'
import type { BenchRecord } from './run-rounds.ts'
import type { WorkloadSummary } from './summarize.ts'

/** A run and its results. */
export interface BenchRun {
  readonly startedAt: Date
  readonly options: BenchOptions
  readonly records: readonly BenchRecord[]
  readonly summaries: readonly WorkloadSummary[]
  /** Whether all rounds have been run. */
  readonly isComplete: boolean
}

/**
 * Writes `results.json`, `results.md`, a chart for each workload, `<workload>.svg`, and when what it
 * shows was measured `overview.svg` into a folder, which is made when it is not there; files of these
 * names are replaced.
 */
export async function writeResults(folder: string, run: BenchRun): Promise<void> {
  const { options, summaries, startedAt } = run
  const circumstances = await currentCircumstances()
  await mkdir(folder, { recursive: true })
  const data = `${JSON.stringify(resultData(run, circumstances), undefined, 2)}\n`
  await writeFile(join(folder, 'results.json'), data)
  await writeFile(join(folder, 'results.md'), markdownReport(summaries, options.variants))
  for (const summary of summaries) {
    await writeFile(join(folder, `${summary.workload.name}.svg`), barChart(summary))
  }
  const { rounds } = options
  const overview = overviewChart(summaries, { ...circumstances, startedAt, rounds })
  if (overview !== undefined) await writeFile(join(folder, 'overview.svg'), overview)
}

function resultData(
  { startedAt, options, records, summaries, isComplete }: BenchRun,
  { machine, versions }: Circumstances,
) {
  return {
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    isComplete,
    rounds: options.rounds,
    seconds: options.seconds,
    machine,
    versions,
    workloads: options.workloads.map(({ name, title, unit, better, maxRounds }) => {
      return { name, title, unit, better, maxRounds }
    }),
    variants: options.variants.map(({ name, origin, kind }) => ({ name, origin, kind })),
    summary: summaries.map(({ workload, rows }) => {
      return {
        workload: workload.name,
        results: rows.map(({ variant, result }) => ({ variant: variant.name, ...result })),
      }
    }),
    records,
  }
}
