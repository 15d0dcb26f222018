import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import {
  AsyncServlet,
  EnsembleServlet,
  makeWorker,
  PassThrough,
  ProcessServlet,
  SequentialServlet,
  type Servlet,
} from '@mpservice/server'
import { renderFilePage } from './file-page.ts'
import { type FileReport, type FileResults, reportResults } from './file-report.ts'
import { Highlight } from './highlight.ts'
import { Parse } from './parse-code.ts'
import { readSource, type SourceEntry, type SourceFile } from './source-file.ts'
import { Tokens } from './token-statistics.ts'

/** How many processes each member of the ensemble has. */
export interface ProcessCounts {
  readonly highlight: number
  readonly parse: number
  readonly tokens: number
}

/** A page could not be written, so that the report cannot be completed. */
export class PageWriteError extends Error {
  static {
    this.prototype.name = 'PageWriteError'
  }

  /** The file that could not be written. */
  readonly file: string

  constructor(file: string, options: ErrorOptions) {
    const reason = options.cause instanceof Error ? options.cause.message : String(options.cause)
    super(`the report cannot be written: ${reason}`, options)
    this.file = file
  }
}

const filesAtATime = 16

/**
 * What is done with each file: read it; highlight, parse and count it side by side in processes;
 * combine the results and write the file's page.
 *
 * A member that fails leaves its error among the results of the others. Pages are written here, as
 * their results arrive, so that what comes out is small and nothing piles up.
 */
export function makePipeline(
  folder: string,
  processes: ProcessCounts,
): Servlet<SourceEntry, FileReport> {
  return new SequentialServlet(
    new AsyncServlet(makeWorker(readSource), { concurrency: filesAtATime, name: 'read' }),
    new EnsembleServlet(
      [
        // Keeps the text beside the results: the page needs it when highlighting fails.
        new AsyncServlet(PassThrough<SourceFile>, { name: 'text' }),
        new ProcessServlet(Highlight, { cpus: processes.highlight, name: 'highlight' }),
        new ProcessServlet(Parse, { cpus: processes.parse, name: 'parse' }),
        new ProcessServlet(Tokens, { cpus: processes.tokens, name: 'tokens' }),
      ],
      { failFast: false },
    ),
    new AsyncServlet(
      makeWorker(([file, highlighted, parsed, tokens]) => {
        if (file instanceof Error) throw file
        return writePage(folder, { file, highlighted, parsed, tokens })
      }),
      { concurrency: filesAtATime, name: 'combine' },
    ),
  )
}

/**
 * Spreads processes over all CPUs: highlighting is about nine tenths of the work, so it gets a
 * process for each CPU and the others get one for each eight.
 */
export function processesForAllCpus(cpus: number = availableParallelism()): ProcessCounts {
  const few = Math.ceil(cpus / 8)
  return { highlight: cpus, parse: few, tokens: few }
}

async function writePage(folder: string, results: FileResults): Promise<FileReport> {
  const report = reportResults(results)
  await writeReportFile(folder, report.page, renderFilePage(report, results))
  return report
}

/**
 * Writes a file of the report.
 *
 * @throws {PageWriteError} When that does not succeed.
 */
export async function writeReportFile(folder: string, name: string, text: string): Promise<void> {
  const file = join(folder, name)
  try {
    await writeFile(file, text)
  } catch (cause) {
    throw new PageWriteError(file, { cause })
  }
}
