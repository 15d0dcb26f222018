import { readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Collection, collectFiles } from './collect-files.ts'
import { collectRepository } from './collect-repository.ts'
import { formatBytes, formatCount, formatMs, formatPlural } from './format.ts'
import { type ReportOptions, UsageError } from './options.ts'
import { writeAssets } from './page.ts'
import { type ProcessCounts, processesForAllCpus, writeReportFile } from './pipeline.ts'
import type { ProgressTarget } from './progress.ts'
import { prepareReportFolder } from './report-folder.ts'
import { renderReportPage } from './report-page.ts'
import { type RunResult, runPipeline } from './run-pipeline.ts'
import { type Summary, summarise } from './summary.ts'

/** Where a report's words go, and what ends it. */
export interface ReportSurroundings {
  /** Gets the summary, line by line. */
  readonly print: (line: string) => void
  readonly progress: ProgressTarget
  /** Ends the run early; the report then has the files that were done. */
  readonly signal: AbortSignal
}

/**
 * Makes a report: finds the files, runs the pipeline, writes the pages and prints a summary.
 *
 * @throws {UsageError} When the folder cannot be read, has no source file, or the report's folder
 *   cannot be used.
 */
export async function makeReport(
  options: ReportOptions,
  surroundings: ReportSurroundings,
): Promise<void> {
  const { print, signal } = surroundings
  const { name, collection } = await collect(options)
  const entries = collection.entries.slice(0, options.maxFiles)
  const folder = await prepareReportFolder(options.out)
  const bytes = entries.reduce((total, { sizeBytes }) => total + sizeBytes, 0)
  print(`code-report: ${formatPlural(entries.length, 'file')} of ${name}, ${formatBytes(bytes)}`)
  await writeAssets(folder)

  const run = (processes: ProcessCounts): Promise<RunResult> =>
    runPipeline({ ...surroundings, entries, folder, processes })
  const single: ProcessCounts = { highlight: 1, parse: 1, tokens: 1 }
  const { processes: count } = options
  const chosen =
    count === undefined ? processesForAllCpus() : { highlight: count, parse: count, tokens: count }

  const alone = options.compare ? await run(single) : undefined
  if (alone !== undefined && !signal.aborted) print(timeLine('1 process per member', single, alone))
  const result = signal.aborted && alone !== undefined ? alone : await run(chosen)

  const summary = summarise(result.reports)
  const page = renderReportPage(result.reports, summary, {
    name,
    writtenAt: new Date(),
    elapsedMs: result.elapsedMs,
    expectedFiles: entries.length,
    ignoredFiles: collection.ignoredFiles,
    unreadableFolders: collection.unreadableFolders,
    processes: chosen,
  })
  await writeReportFile(folder, 'index.html', page)
  if (alone !== undefined && !signal.aborted) {
    print(timeLine('all CPUs', chosen, result))
    print(`ratio: ${(alone.elapsedMs / result.elapsedMs).toFixed(2)}`)
  }
  for (const line of summaryLines(summary, result, entries.length)) print(line)
  print(`report: ${pathToFileURL(join(folder, 'index.html')).href}`)
}

async function collect({
  folder,
}: ReportOptions): Promise<{ readonly name: string; readonly collection: Collection }> {
  if (folder === undefined) {
    const root = fileURLToPath(new URL('../../..', import.meta.url))
    const name = `${await packageName(root)} and its dependencies`
    return { name, collection: await collectRepository(root) }
  }
  const path = resolve(folder)
  if (!(await isFolder(path))) throw new UsageError(`${path} is no folder`)
  const collection = await collectFiles(path)
  if (collection.entries.length === 0) {
    const reason = collection.unreadableFolders[0] ?? 'none of its files is of a known language'
    throw new UsageError(`${path} has no source file: ${reason}`)
  }
  return { name: basename(path) || path, collection }
}

async function packageName(root: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const name: unknown = Object(manifest).name
  return typeof name === 'string' ? name : basename(root)
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    return false
  }
}

function timeLine(what: string, processes: ProcessCounts, result: RunResult): string {
  const { highlight, parse, tokens } = processes
  const members = `highlight ${highlight}, parse ${parse}, tokens ${tokens}`
  return `${what} (${members}): ${formatMs(result.elapsedMs)}, after ${formatMs(result.startMs)} to start`
}

function summaryLines(summary: Summary, result: RunResult, expectedFiles: number): string[] {
  const { elapsedMs, startMs } = result
  const rate = (summary.files / Math.max(elapsedMs, 1)) * 1000
  const languages = summary.languages.map(({ label, files }) => `${label} ${formatCount(files)}`)
  const [mostComplex] = summary.mostComplex
  const [slowest] = summary.slowest
  const failures = summary.failures.map(([name, count]) => `${name} ${count}`)
  const done =
    summary.files === expectedFiles
      ? formatPlural(summary.files, 'file')
      : `interrupted after ${formatCount(summary.files)} of ${formatPlural(expectedFiles, 'file')}`
  return [
    `${done}, ${formatPlural(summary.lines.total, 'line')} in ${formatMs(elapsedMs)} (${rate.toFixed(1)} files/s; processes ready after ${formatMs(startMs)})`,
    ...(languages.length === 0 ? [] : [`languages: ${languages.slice(0, 6).join(', ')}`]),
    ...(mostComplex === undefined
      ? []
      : [
          `most complex function: ${mostComplex.name} with ${mostComplex.complexity} (${mostComplex.path}:${mostComplex.line})`,
        ]),
    ...(slowest === undefined ? [] : [`slowest file: ${slowest.path}`]),
    summary.failedFiles === 0
      ? 'exceptions: none'
      : `exceptions: in ${formatPlural(summary.failedFiles, 'file')} (${failures.join(', ')})`,
  ]
}
