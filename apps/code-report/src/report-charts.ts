import { barChart, columnChart } from './charts.ts'
import { formatCount, formatMs, formatPlural } from './format.ts'
import { html, type Html } from './html.ts'
import { type Summary, totalMs } from './summary.ts'

/** The charts of the summary, each in its card. */
export function reportCharts(summary: Summary): Html[] {
  const { highlight, parse, tokens } = summary.workedMs
  return [
    card(
      'Size of files',
      'files by bytes, each column from its size up to the next',
      columnChart(
        'Size of files',
        summary.sizes.map(({ label, count }) => ({ label, value: count, tone: 'tone-1' })),
      ),
    ),
    card(
      'Complexity of functions',
      'functions by cyclomatic complexity',
      columnChart(
        'Complexity of functions',
        summary.complexities.map(({ label, count, from }) => ({
          label,
          value: count,
          tone: toneOfComplexity(from),
        })),
      ),
    ),
    card(
      'Languages',
      'lines',
      barChart(
        'Languages',
        summary.languages.slice(0, 10).map(({ label, files, lines }) => ({
          label,
          text: `${formatCount(lines)} in ${formatPlural(files, 'file')}`,
          parts: [{ value: lines, tone: 'tone-1' }],
        })),
      ),
    ),
    card(
      'Most complex functions',
      'cyclomatic complexity',
      barChart(
        'Most complex functions',
        summary.mostComplex.map(({ name, path, page, line, complexity }) => ({
          label: `${name} · ${path.slice(path.lastIndexOf('/') + 1)}`,
          href: `${page}#L${line}`,
          text: String(complexity),
          parts: [{ value: complexity, tone: toneOfComplexity(complexity) }],
        })),
      ),
    ),
    card(
      'Slowest files',
      html`<span class="key tone-1">highlight</span> <span class="key tone-2">parse</span>
        <span class="key tone-3">tokens</span>`,
      barChart(
        'Slowest files',
        summary.slowest.map((report) => ({
          label: report.path,
          href: report.page,
          text: formatMs(totalMs(report)),
          parts: [
            { value: report.tookMs.highlight, tone: 'tone-1' },
            { value: report.tookMs.parse, tone: 'tone-2' },
            { value: report.tookMs.tokens, tone: 'tone-3' },
          ],
        })),
      ),
    ),
    card(
      'Work and words',
      'time in each member, and the most frequent words in names',
      html`${barChart('Work', [
        bar('highlight', highlight, 'tone-1'),
        bar('parse', parse, 'tone-2'),
        bar('tokens', tokens, 'tone-3'),
      ])}
      ${wordCloud(summary)}`,
    ),
  ]
}

function bar(label: string, workedMs: number, tone: string) {
  return { label, text: formatMs(workedMs), parts: [{ value: workedMs, tone }] }
}

function card(title: string, note: string | Html, content: Html): Html {
  return html`<figure class="card">
    <figcaption>
      <h2>${title}</h2>
      <span class="note">${note}</span>
    </figcaption>
    ${content}
  </figure>`
}

function wordCloud({ words }: Summary): Html {
  return html`<p class="words">
    ${words.map(([word, count]) => html`<span title="${formatCount(count)} times">${word}</span> `)}
  </p>`
}

/** The usual limits: up to 10 is simple, above 20 hard to test. */
function toneOfComplexity(complexity: number): string {
  if (complexity <= 10) return 'tone-low'
  return complexity <= 20 ? 'tone-mid' : 'tone-high'
}
