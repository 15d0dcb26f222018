import { failureList } from './failure-list.ts'
import type { FileReport } from './file-report.ts'
import { fileTable } from './file-table.ts'
import { formatBytes, formatCount, formatMs, formatPlural, formatShare } from './format.ts'
import { html, type Html } from './html.ts'
import { renderDocument, themeButton } from './page.ts'
import { reportCharts } from './report-charts.ts'
import type { Summary } from './summary.ts'

/** What is known about the run as a whole. */
export interface RunFacts {
  /** What was reported on. */
  readonly name: string
  readonly writtenAt: Date
  readonly elapsedMs: number
  /** How many files there were to process; more than are reported when the run was interrupted. */
  readonly expectedFiles: number
  readonly ignoredFiles: number
  readonly unreadableFolders: readonly string[]
  readonly processes: {
    readonly highlight: number
    readonly parse: number
    readonly tokens: number
  }
}

const maxListedFailures = 40

/** The report's first page: the summary, the charts and the table of all files. */
export function renderReportPage(
  reports: readonly FileReport[],
  summary: Summary,
  run: RunFacts,
): string {
  return renderDocument({
    title: `${run.name} · code report`,
    root: '',
    content: html`<header class="bar">
        <span class="brand">Code report</span>
        ${themeButton}
      </header>
      <main>
        <h1>${run.name}</h1>
        <p class="lead">${lead(run)}</p>
        ${interruption(reports.length, run)} ${tiles(summary, run)}
        <div class="cards">${reportCharts(summary)}</div>
        ${failureSection(reports, summary, run)} ${fileTable(reports)}
      </main>
      <footer>
        Cyclomatic complexity counts 1 for a function and 1 for each if, ?:, loop, case, catch,
        &amp;&amp;, || and ??. A dash stands for what could not be measured, or not in this
        language.
      </footer>`,
  })
}

function lead({ writtenAt, elapsedMs, processes, ignoredFiles }: RunFacts): string {
  const { highlight, parse, tokens } = processes
  const date = writtenAt.toISOString().slice(0, 16).replace('T', ' ')
  const ignored =
    ignoredFiles === 0 ? '' : `, ${formatPlural(ignoredFiles, 'file')} of other kinds passed over`
  return `${date} UTC, made in ${formatMs(elapsedMs)} by ${highlight} + ${parse} + ${tokens} processes for highlighting, parsing and tokens${ignored}.`
}

function interruption(done: number, { expectedFiles }: RunFacts): Html | undefined {
  if (done >= expectedFiles) return undefined
  return html`<p class="notice">
    Interrupted: this report has ${formatCount(done)} of ${formatPlural(expectedFiles, 'file')}.
  </p>`
}

function tiles(summary: Summary, { elapsedMs }: RunFacts): Html {
  const { lines, workedMs } = summary
  const worked = workedMs.highlight + workedMs.parse + workedMs.tokens
  const items: readonly (readonly [string, string, string])[] = [
    ['Files', formatCount(summary.files), formatBytes(summary.bytes)],
    ['Lines', formatCount(lines.total), `${formatShare(lines.code, lines.total)} code`],
    ['Comments', formatShare(lines.comment, lines.total), formatPlural(lines.comment, 'line')],
    [
      'Functions',
      formatCount(summary.functions),
      `mean complexity ${summary.meanComplexity.toFixed(1)}`,
    ],
    [
      'Most complex',
      formatCount(summary.mostComplex[0]?.complexity ?? 0),
      summary.mostComplex[0]?.name ?? 'no function',
    ],
    [
      'Time in workers',
      formatMs(worked),
      `${(worked / Math.max(elapsedMs, 1)).toFixed(1)} × the time it took`,
    ],
    [
      'With exceptions',
      formatCount(summary.failedFiles),
      `${formatShare(summary.failedFiles, summary.files)} of the files`,
    ],
  ]
  return html`<ul class="tiles">
    ${items.map(
      ([term, value, note]) =>
        html`<li>
          <span class="term">${term}</span>
          <strong>${value}</strong>
          <span class="note" title="${note}">${note}</span>
        </li>`,
    )}
  </ul>`
}

function failureSection(reports: readonly FileReport[], summary: Summary, run: RunFacts): Html {
  const failed = reports.filter(({ failures }) => failures.length > 0)
  const classes = summary.failures.map(([name, count]) => `${count} × ${name}`).join(', ')
  const folders = run.unreadableFolders
  return html`${
    folders.length === 0
      ? undefined
      : html`<section>
          <h2>Folders that could not be listed</h2>
          <ul>
            ${folders.map((folder) => html`<li>${folder}</li>`)}
          </ul>
        </section>`
  }
  ${
    failed.length === 0
      ? undefined
      : html`<section class="failures">
          <h2>Exceptions</h2>
          <p class="note">${classes}</p>
          ${failed.slice(0, maxListedFailures).map(
            ({ path, page, failures }) =>
              html`<details>
                <summary>
                  <a href="${page}">${path}</a>
                  <span class="note">${failures.map(({ name }) => name).join(', ')}</span>
                </summary>
                ${failureList(failures)}
              </details>`,
          )}
          ${
            failed.length <= maxListedFailures
              ? undefined
              : html`<p class="note">
                  and ${formatPlural(failed.length - maxListedFailures, 'more file')}, in the table
                  below
                </p>`
          }
        </section>`
  }`
}
