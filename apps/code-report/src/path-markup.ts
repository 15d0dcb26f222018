import { html, type Html } from './html.ts'

/** A path that may be broken after each slash, with its folder in the background. */
export function pathMarkup(path: string): Html {
  const slash = path.lastIndexOf('/') + 1
  const folders = path.slice(0, slash).split('/').slice(0, -1)
  const folder = folders.map((name) => html`${name}/<wbr />`)
  return html`<span class="folder">${folder}</span>${path.slice(slash)}`
}
