import { Server } from '@mpservice/server'
import { renderFilePage } from './file-page.ts'
import { type FileReport, reportFailure, type StageName } from './file-report.ts'
import { makePipeline, PageWriteError, type ProcessCounts, writeReportFile } from './pipeline.ts'
import { Progress, type ProgressTarget } from './progress.ts'
import { BinaryFileError, FileTooLargeError, type SourceEntry } from './source-file.ts'

/** What a run needs. */
export interface RunOptions {
  readonly entries: readonly SourceEntry[]
  /** The folder of the report. */
  readonly folder: string
  readonly processes: ProcessCounts
  readonly progress: ProgressTarget
  /** Ends the run: the server is killed, and what is done so far is the result. */
  readonly signal: AbortSignal
}

/** What a run made. */
export interface RunResult {
  /** In the order of the entries; fewer than they are when the run was ended early. */
  readonly reports: readonly FileReport[]
  /** How long the processes took to be ready, in milliseconds. */
  readonly startMs: number
  /** From then until the last page was written, in milliseconds. */
  readonly elapsedMs: number
}

// Enough that every process has its next file at hand; what is in flight is what is in memory.
const filesInFlightPerProcess = 8

/**
 * Sends all files through the pipeline and writes their pages.
 *
 * Whatever goes wrong with a file is in its report, and the others go on.
 *
 * @throws {PageWriteError} When a page cannot be written.
 * Errors of starting the processes are thrown as they are.
 */
export async function runPipeline(options: RunOptions): Promise<RunResult> {
  const { entries, folder, processes, signal } = options
  const { highlight, parse, tokens } = processes
  const capacity = Math.max(32, filesInFlightPerProcess * (highlight + parse + tokens))
  if (signal.aborted) return { reports: [], startMs: 0, elapsedMs: 0 }
  const startedAt = performance.now()
  const server = await Server.start(makePipeline(folder, processes), { capacity })
  const readyAt = performance.now()
  const reports: FileReport[] = []
  const progress = new Progress(options.progress, {
    totalFiles: entries.length,
    totalBytes: entries.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
  })
  try {
    const results = server.stream(entries, { returnX: true, returnExceptions: true, signal })
    for await (const [entry, outcome] of results) {
      const report = outcome instanceof Error ? await writeFailure(folder, entry, outcome) : outcome
      reports.push(report)
      progress.add({ sizeBytes: entry.sizeBytes, isFailed: report.failures.length > 0 })
    }
    await server.close()
  } catch (error) {
    await server.kill()
    if (!signal.aborted) throw error
  } finally {
    progress.close()
  }
  return { reports, startMs: readyAt - startedAt, elapsedMs: performance.now() - readyAt }
}

async function writeFailure(folder: string, entry: SourceEntry, error: Error): Promise<FileReport> {
  if (error instanceof PageWriteError) throw error
  const report = reportFailure(entry, stageOf(error), error)
  await writeReportFile(folder, report.page, renderFilePage(report))
  return report
}

/** A file that does not reach the end failed where it was read, unless something unforeseen happened. */
function stageOf(error: Error): StageName {
  const isOfReading =
    error instanceof FileTooLargeError || error instanceof BinaryFileError || 'syscall' in error
  return isOfReading ? 'read' : 'pipeline'
}
