import { Worker } from '@mpservice/server'
import {
  createCssVariablesTheme,
  createHighlighter,
  type Highlighter,
  type ThemedToken,
} from 'shiki'
import { escapeCode } from './escape-html.ts'
import { languageOfLabel } from './language.ts'
import type { SourceFile } from './source-file.ts'

/** A file's text with its parts marked. */
export interface Highlighted {
  /** HTML in which the lines are separated by line feeds and no element crosses one. */
  readonly html: string
  /** How long it took, in milliseconds. */
  readonly tookMs: number
}

// The classes of report.css for the colours of the theme, which are names and no colours.
const theme = createCssVariablesTheme({ name: 'classes', variablePrefix: '--code-' })
const classes = new Map(
  Object.entries({
    'token-constant': 'k',
    'token-string': 's',
    'token-comment': 'c',
    'token-keyword': 'w',
    'token-parameter': 'p',
    'token-function': 'f',
    'token-string-expression': 's',
    'token-punctuation': 'u',
    'token-link': 'a',
    'token-inserted': 's',
    'token-deleted': 'w',
    'token-changed': 'p',
  }).map(([name, className]) => [`var(--code-${name})`, className]),
)

// Beyond this a line is shown as it is: it is not written by hand, and grammars are slow on it.
const tokenizeMaxLineLength = 2000
// A grammar whose expressions run wild on a line gives up after so many milliseconds.
const tokenizeTimeLimit = 2000

/**
 * Highlights source files with shiki.
 *
 * The highlighter is made once for each process; grammars are loaded when the first file needs them.
 */
export class Highlight extends Worker<SourceFile, Highlighted> {
  static readonly module: string = import.meta.url

  #highlighter: Highlighter | undefined

  override async init(): Promise<void> {
    this.#highlighter = await createHighlighter({
      themes: [theme],
      langs: ['typescript', 'javascript', 'json', 'markdown'],
    })
  }

  async call(file: SourceFile): Promise<Highlighted> {
    const highlighter = this.#highlighter
    if (highlighter === undefined) throw new TypeError('Highlight is called before init')
    const startedAt = performance.now()
    const { grammar } = languageOfLabel(file.language)
    await highlighter.loadLanguage(grammar)
    const lines = highlighter.codeToTokensBase(file.text, {
      lang: grammar,
      tokenizeMaxLineLength,
      tokenizeTimeLimit,
    })
    return { html: tokensToHtml(lines), tookMs: performance.now() - startedAt }
  }

  override cleanup(): void {
    this.#highlighter?.dispose()
  }
}

/** Gives the HTML of shiki's tokens; neighbours of one kind become one element. */
export function tokensToHtml(
  lines: readonly (readonly Pick<ThemedToken, 'content' | 'color'>[])[],
): string {
  return lines.map(lineToHtml).join('\n')
}

function lineToHtml(tokens: readonly Pick<ThemedToken, 'content' | 'color'>[]): string {
  let html = ''
  let run = ''
  let runClass = ''
  const flush = (): void => {
    const escaped = escapeCode(run)
    html += runClass === '' ? escaped : `<span class=${runClass}>${escaped}</span>`
  }
  for (const { content, color } of tokens) {
    const tokenClass = classes.get(color ?? '') ?? ''
    // White space looks the same in every colour, so it need not end a run.
    if (tokenClass !== runClass && (content.trim() !== '' || run === '')) {
      if (run !== '') flush()
      run = ''
      runClass = tokenClass
    }
    run += content
  }
  if (run !== '') flush()
  return html
}
