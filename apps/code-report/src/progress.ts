import { formatMs, formatPlural } from './format.ts'

/** How far a run has come. */
export interface ProgressState {
  readonly doneFiles: number
  readonly totalFiles: number
  readonly doneBytes: number
  readonly totalBytes: number
  /** Files with at least one exception. */
  readonly failedFiles: number
  readonly elapsedMs: number
}

/** Where progress is shown; `process.stderr` fits. */
export interface ProgressTarget {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

const barWidth = 24
const redrawIntervalMs = 100
const lineIntervalMs = 3000

/**
 * Shows how far a run has come: on a terminal a bar that is drawn again and again in its line,
 * anywhere else a line every three seconds. It keeps no process alive.
 */
export class Progress {
  readonly #target: ProgressTarget
  readonly #totals: Pick<ProgressState, 'totalFiles' | 'totalBytes'>
  readonly #startedAt = performance.now()
  readonly #timer: NodeJS.Timeout
  #doneFiles = 0
  #doneBytes = 0
  #failedFiles = 0

  constructor(
    target: ProgressTarget,
    totals: { readonly totalFiles: number; readonly totalBytes: number },
  ) {
    this.#target = target
    this.#totals = totals
    const intervalMs = target.isTTY === true ? redrawIntervalMs : lineIntervalMs
    this.#timer = setInterval(() => this.#show(), intervalMs).unref()
  }

  /** One more file is done. */
  add(file: { readonly sizeBytes: number; readonly isFailed: boolean }): void {
    this.#doneFiles += 1
    this.#doneBytes += file.sizeBytes
    if (file.isFailed) this.#failedFiles += 1
  }

  /** Ends the display; the bar is removed, so that what is printed next begins a line. */
  close(): void {
    clearInterval(this.#timer)
    if (this.#target.isTTY === true) this.#target.write('\r\u001B[2K')
  }

  #show(): void {
    const state: ProgressState = {
      ...this.#totals,
      doneFiles: this.#doneFiles,
      doneBytes: this.#doneBytes,
      failedFiles: this.#failedFiles,
      elapsedMs: performance.now() - this.#startedAt,
    }
    if (this.#target.isTTY === true) {
      // Some terminals say that they are 0 wide.
      const width = (this.#target.columns || 80) - 1
      this.#target.write(`\r\u001B[2K${formatBar(state).slice(0, width)}`)
    } else {
      this.#target.write(`${formatProgress(state)}\n`)
    }
  }
}

/** The line of a terminal: a bar before what `formatProgress` says. */
export function formatBar(state: ProgressState): string {
  const eighths = Math.round(shareDone(state) * barWidth * 8)
  const partial = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'][eighths % 8] ?? ''
  const bar = '█'.repeat(Math.floor(eighths / 8)) + partial
  return `${bar.padEnd(barWidth, '░')} ${formatProgress(state)}`
}

/** How far a run has come, in words: share, files, rate, time left, errors. */
export function formatProgress(state: ProgressState): string {
  const share = shareDone(state)
  const filesPerSecond = (state.doneFiles / Math.max(state.elapsedMs, 1)) * 1000
  const parts = [
    `${String(Math.floor(share * 100)).padStart(3)} %`,
    `${state.doneFiles}/${state.totalFiles} files`,
    `${filesPerSecond.toFixed(filesPerSecond < 10 ? 1 : 0)}/s`,
  ]
  // The first files say little about the rest: the processes are still warming up.
  if (share > 0.02 && share < 1) {
    parts.push(`${formatMs((state.elapsedMs / share) * (1 - share))} left`)
  }
  if (state.failedFiles > 0) parts.push(formatPlural(state.failedFiles, 'error'))
  return parts.join(' · ')
}

/** By bytes, since the work of a file grows with its size. */
function shareDone({ doneFiles, totalFiles, doneBytes, totalBytes }: ProgressState): number {
  if (doneFiles >= totalFiles) return 1
  return totalBytes === 0 ? doneFiles / totalFiles : Math.min(doneBytes / totalBytes, 0.999)
}
