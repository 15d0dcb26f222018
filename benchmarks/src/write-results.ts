import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { barChart } from './bar-chart.ts'
import { markdownReport } from './markdown-report.ts'
import type { BenchOptions } from './options.ts'
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
 * Writes `results.json`, `results.md` and a chart for each workload, `<workload>.svg`, into a
 * folder, which is made when it is not there; files of these names are replaced.
 */
export async function writeResults(folder: string, run: BenchRun): Promise<void> {
  const { options, summaries } = run
  await mkdir(folder, { recursive: true })
  const data = `${JSON.stringify(await resultData(run), undefined, 2)}\n`
  await writeFile(join(folder, 'results.json'), data)
  await writeFile(join(folder, 'results.md'), markdownReport(summaries, options.variants))
  for (const summary of summaries) {
    await writeFile(join(folder, `${summary.workload.name}.svg`), barChart(summary))
  }
}

async function resultData({ startedAt, options, records, summaries, isComplete }: BenchRun) {
  return {
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    isComplete,
    rounds: options.rounds,
    seconds: options.seconds,
    machine: {
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model,
      cpus: availableParallelism(),
      loadAverage: loadavg(),
    },
    dependencies: await dependencies(),
    workloads: options.workloads.map(({ name, title, unit, better }) => {
      return { name, title, unit, better }
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

/** The libraries' versions, which the package pins. */
async function dependencies(): Promise<unknown> {
  const manifest: unknown = JSON.parse(
    await readFile(new URL('../package.json', import.meta.url), 'utf8'),
  )
  return typeof manifest === 'object' && manifest !== null && 'dependencies' in manifest
    ? manifest.dependencies
    : undefined
}
