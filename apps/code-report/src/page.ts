import { copyFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { html, type Html } from './html.ts'

// A page may load nothing but its two companions; what slipped through escaping could not run.
const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; base-uri 'none'; form-action 'none'"
const icon =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#2f6fb5"/><path d="M4 12V8M8 12V4M12 12V6" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>',
  )

/**
 * Puts content into a whole document.
 *
 * @param page.root - How the report's folder is reached from the page: `''` or `'../'`.
 */
export function renderDocument(page: {
  readonly title: string
  readonly root: '' | '../'
  readonly content: Html
}): string {
  const { title, root, content } = page
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <link rel="icon" href="${icon}" />
        <link rel="stylesheet" href="${root}report.css" />
        <script src="${root}report.js"></script>
      </head>
      <body>
        ${content}
      </body>
    </html> `.text
}

/** The button that switches between the colours of the system, light and dark. */
export const themeButton: Html = html`<button
  type="button"
  class="theme"
  data-action="theme"
  title="Colours: system, light or dark"
>
  Colours
</button>`

/** Copies the style sheet and the script that all pages use into the report's folder. */
export async function writeAssets(folder: string): Promise<void> {
  const assets = [
    new URL('../assets/report.css', import.meta.url),
    new URL('../assets/report.js', import.meta.url),
  ]
  await Promise.all(assets.map((asset) => copyFile(asset, join(folder, basename(asset.pathname)))))
}
