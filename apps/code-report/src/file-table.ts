import type { FileReport } from './file-report.ts'
import { formatBytes, formatCount, formatMs } from './format.ts'
import { html, type Html } from './html.ts'
import { pathMarkup } from './path-markup.ts'
import { totalMs } from './summary.ts'

const columns: readonly (readonly [key: string, title: string, kind: 'text' | 'number'])[] = [
  ['path', 'File', 'text'],
  ['language', 'Language', 'text'],
  ['size', 'Size', 'number'],
  ['lines', 'Lines', 'number'],
  ['code', 'Code', 'number'],
  ['functions', 'Functions', 'number'],
  ['complexity', 'Complexity', 'number'],
  ['nesting', 'Nesting', 'number'],
  ['time', 'Time', 'number'],
  ['exceptions', 'Exceptions', 'number'],
]

/** The table of all files, which report.js makes sortable and filters. */
export function fileTable(reports: readonly FileReport[]): Html {
  const languages = [...new Set(reports.map(({ language }) => language))].toSorted()
  return html`<section class="files" data-files>
    <h2>Files</h2>
    <form class="filters" data-filters hidden>
      <input
        type="search"
        name="text"
        placeholder="Filter by path"
        aria-label="Filter by path"
        autocomplete="off"
        spellcheck="false"
      />
      <select name="language" aria-label="Language">
        <option value="">All languages</option>
        ${languages.map((language) => html`<option>${language}</option>`)}
      </select>
      <label><input type="checkbox" name="failed" /> only with exceptions</label>
      <output>${formatCount(reports.length)} files</output>
    </form>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            ${columns.map(
              ([key, title, kind]) =>
                html`<th class="${kind === 'number' ? 'n ' : ''}c-${key}" data-kind="${kind}">
                  ${title}
                </th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${reports.map(fileRow)}
        </tbody>
      </table>
    </div>
    <button type="button" class="more" data-action="more" hidden></button>
  </section>`
}

function fileRow(report: FileReport): Html {
  const { path, page, language, sizeBytes, lines, syntax, failures } = report
  const time = totalMs(report)
  return html`<tr>
    <td class="c-path" data-v="${path}">
      <a href="${page}">${pathMarkup(path)}</a>
    </td>
    <td class="c-language" data-v="${language}">${language}</td>
    ${cell('size', sizeBytes, formatBytes(sizeBytes))} ${count('lines', lines?.total)}
    ${count('code', lines?.code)} ${count('functions', syntax?.functions)}
    ${count('complexity', syntax?.maxComplexity)} ${count('nesting', syntax?.maxNesting)}
    ${cell('time', time > 0 ? time : undefined, formatMs(time))}
    <td class="n c-exceptions" data-v="${failures.length}">
      ${failures.length === 0 ? '' : failures.map(({ name }) => name).join(', ')}
    </td>
  </tr>`
}

function count(column: string, value: number | undefined): Html {
  return cell(column, value, value === undefined ? '' : formatCount(value))
}

function cell(column: string, value: number | undefined, text: string): Html {
  return html`<td class="n c-${column}" data-v="${value ?? ''}">
    ${value === undefined ? '–' : text}
  </td>`
}
