import { escapeHtml } from './escape-html.ts'

/** Text that is HTML already; made by `html` and `trustedHtml`. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

/** What can stand in the holes of `html`: everything but `Html` is escaped, nothing shows as nothing. */
export type HtmlPart = Html | string | number | null | undefined | readonly HtmlPart[]

/**
 * Makes HTML (or SVG) from a template, in which the holes are escaped.
 *
 * A hole may be in text or in a quoted attribute, nowhere else.
 *
 * @example
 *   html`<a href="${page}">${name}</a>`
 */
export function html(strings: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  let text = strings[0] ?? ''
  parts.forEach((part, index) => {
    text += render(part) + (strings[index + 1] ?? '')
  })
  return new Html(text)
}

/** Takes text for HTML as it is: only for what was escaped where it was made. */
export function trustedHtml(text: string): Html {
  return new Html(text)
}

function render(part: HtmlPart): string {
  if (part === null || part === undefined) return ''
  if (part instanceof Html) return part.text
  if (typeof part === 'object') return part.map(render).join('')
  return escapeHtml(String(part))
}
