import type { Failure } from './file-report.ts'
import { html, type Html } from './html.ts'

/** The exceptions of a file with class, message and stack. */
export function failureList(failures: readonly Failure[]): Html {
  return html`${failures.map(
    (failure) =>
      html`<div class="failure">
        <p>
          <span class="badge">${failure.stage}</span> <strong>${failure.name}</strong>
          ${failure.code === undefined ? undefined : html`<code>${failure.code}</code>`}
        </p>
        <p class="message">${failure.message}</p>
        ${failure.stack === '' ? undefined : html`<pre class="stack">${failure.stack}</pre>`}
      </div>`,
  )}`
}
