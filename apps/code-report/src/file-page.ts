import { escapeCode } from './escape-html.ts'
import { failureList } from './failure-list.ts'
import type { FileReport, FileResults } from './file-report.ts'
import { formatBytes, formatCount, formatMs, formatPlural } from './format.ts'
import { html, type Html, trustedHtml } from './html.ts'
import type { FunctionMeasure } from './measure-syntax.ts'
import { renderDocument, themeButton } from './page.ts'
import { pathMarkup } from './path-markup.ts'
import { totalMs } from './summary.ts'

/** The page of a file: its numbers, its exceptions, its functions, its text. */
export function renderFilePage(report: FileReport, results?: FileResults): string {
  return renderDocument({
    title: `${report.path} · code report`,
    root: '../',
    content: html`<header class="bar">
        <a class="back" href="../index.html">← Report</a>
        ${themeButton}
      </header>
      <main class="file">
        <h1>${pathMarkup(report.path)}</h1>
        ${facts(report, results)} ${failureList(report.failures)}
        ${results === undefined ? undefined : functionList(results)}
        ${results === undefined ? undefined : codeBlock(results)}
      </main>`,
  })
}

function facts(report: FileReport, results: FileResults | undefined): Html {
  const tokens = results?.tokens instanceof Error ? undefined : results?.tokens
  const parsed = results?.parsed instanceof Error ? undefined : (results?.parsed ?? undefined)
  const { highlight, parse, tokens: count } = report.tookMs
  const items: (readonly [string, string, string?] | undefined)[] = [
    ['Language', report.language],
    ['Size', formatBytes(report.sizeBytes)],
    tokens && ['Lines', formatCount(tokens.lines.total)],
    tokens && [
      'Code · comment · blank',
      `${formatCount(tokens.lines.code)} · ${formatCount(tokens.lines.comment)} · ${formatCount(tokens.lines.blank)}`,
    ],
    tokens && [
      'Names',
      `${formatCount(tokens.names)} (${formatCount(tokens.distinctNames)} different)`,
    ],
    tokens && ['Comments', `${formatCount(tokens.comments)} (${formatBytes(tokens.commentChars)})`],
    tokens && ['Strings', `${formatCount(tokens.strings)} (${formatBytes(tokens.stringChars)})`],
    tokens && ['Numbers', formatCount(tokens.numbers)],
    tokens && [
      'Longest line',
      `${formatCount(tokens.longestLine.length)} characters`,
      `#L${tokens.longestLine.line}`,
    ],
    parsed && ['Complexity', `${parsed.maxComplexity} at most`],
    parsed && ['Nesting', `${parsed.maxNesting} at most`],
    parsed && ['Classes · declarations', `${parsed.classes} · ${parsed.declarations}`],
    totalMs(report) > 0
      ? [
          'Highlight · parse · tokens',
          `${formatMs(highlight)} · ${formatMs(parse)} · ${formatMs(count)}`,
        ]
      : undefined,
    tokens && [
      'Frequent words',
      tokens.words
        .slice(0, 8)
        .map(([word]) => word)
        .join(', ') || '–',
    ],
  ]
  return html`<dl class="facts">
    ${items.map((item) => {
      if (item === undefined) return undefined
      const [term, text, href] = item
      return html`<div>
        <dt>${term}</dt>
        <dd>${href === undefined ? text : html`<a href="${href}">${text}</a>`}</dd>
      </div>`
    })}
  </dl>`
}

function functionList({ parsed }: FileResults): Html | undefined {
  if (parsed === null || parsed instanceof Error || parsed.functions.length === 0) return undefined
  const functions = parsed.functions.toSorted((a, b) => b.complexity - a.complexity)
  return html`<details class="functions">
    <summary>${formatPlural(functions.length, 'function')}, most complex first</summary>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Function</th>
            <th class="n">Line</th>
            <th class="n">Lines</th>
            <th class="n">Parameters</th>
            <th class="n">Complexity</th>
            <th class="n">Nesting</th>
          </tr>
        </thead>
        <tbody>
          ${functions.map(functionRow)}
        </tbody>
      </table>
    </div>
  </details>`
}

function functionRow(measure: FunctionMeasure): Html {
  const { name, line, endLine, parameters, complexity, nesting } = measure
  return html`<tr>
    <td><a href="#L${line}">${name}</a></td>
    <td class="n">${line}</td>
    <td class="n">${endLine - line + 1}</td>
    <td class="n">${parameters}</td>
    <td class="n">${complexity}</td>
    <td class="n">${nesting}</td>
  </tr>`
}

/** The highlighted text, or the plain one when highlighting failed. */
function codeBlock({ file, highlighted }: FileResults): Html {
  const markup = highlighted instanceof Error ? escapeCode(file.text) : highlighted.html
  const lines = markup.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  if (lines.length === 0) return html`<p class="empty">The file is empty.</p>`
  const digits = String(lines.length).length
  // Joined by hand: a template for each line would double the time for a large file.
  const body = lines
    .map((line, index) => `<span class=l id=L${index + 1}>${line}</span>\n`)
    .join('')
  return html`<pre class="code d${digits}"><code>${trustedHtml(body)}</code></pre>`
}
