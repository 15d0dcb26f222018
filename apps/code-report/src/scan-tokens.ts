import type { Lexis } from './lexis.ts'

/** What a piece of source text is. White space is not reported. */
export type TokenKind = 'comment' | 'string' | 'name' | 'number' | 'regexp' | 'punctuation'

/** Is told of each token, in order: what it is and which characters it covers. */
export type TokenVisitor = (kind: TokenKind, start: number, end: number) => void

const space = /\s+/y
const name = /[\p{ID_Start}$_][\p{ID_Continue}$\u200C\u200D]*/uy
const number = /\d(?:[\w.]|(?<=[eE])[+-])*/y
const regexp = /\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/\w*/y
// Words after which a slash begins a regular expression and does not divide.
const wordsBeforeRegexp = new Set(
  'await case delete do else in instanceof new of return throw typeof void yield'.split(' '),
)

/**
 * Walks over source text of any language and reports its tokens.
 *
 * It knows no grammar, only a language's comments and strings, so that it never fails: what is not
 * closed ends with its line, or with the text where it may span lines. In JavaScript the parts of a
 * template literal are strings, and what stands in `${…}` are tokens of its own.
 */
export function scanTokens(text: string, lexis: Lexis, visit: TokenVisitor): void {
  const slashes = new SlashMeaning()
  const templates = new OpenTemplates()
  let at = endOf(space, text, 0)
  while (at < text.length) {
    const char = text.charAt(at)
    let kind: TokenKind = 'punctuation'
    let end = at + 1
    const found = commonToken(text, at, lexis)
    if (found !== undefined) {
      ;({ kind, end } = found)
    } else if (lexis.isJavaScript) {
      if (char === '`' || templates.closesExpression(char)) {
        kind = 'string'
        end = endOfTemplate(text, at + 1)
        if (text.endsWith('${', end)) templates.openExpression()
      } else if (char === '/' && slashes.beginRegexp) {
        end = Math.max(end, endOf(regexp, text, at))
        if (end > at + 1) kind = 'regexp'
      }
    }
    visit(kind, at, end)
    slashes.follow(kind, text.slice(Math.max(at, end - 12), end))
    at = endOf(space, text, end)
  }
}

/** Whether a slash that comes next divides or begins a regular expression. */
class SlashMeaning {
  beginRegexp = true

  follow(kind: TokenKind, text: string): void {
    if (kind === 'comment') return
    if (kind === 'name') this.beginRegexp = wordsBeforeRegexp.has(text)
    else if (kind === 'punctuation') this.beginRegexp = !')]}'.includes(text)
    else this.beginRegexp = text.endsWith('${')
  }
}

/** Which braces belong to the `${…}` of template literals, which can be nested. */
class OpenTemplates {
  /** For each `${` that is open: how many braces are open within it. */
  readonly #depths: number[] = []

  openExpression(): void {
    this.#depths.push(0)
  }

  /** Follows the braces; whether this one ends the innermost `${…}`. */
  closesExpression(char: string): boolean {
    const depth = this.#depths.at(-1)
    if (depth === undefined || (char !== '{' && char !== '}')) return false
    if (char === '}' && depth === 0) {
      this.#depths.pop()
      return true
    }
    this.#depths[this.#depths.length - 1] = depth + (char === '{' ? 1 : -1)
    return false
  }
}

function commonToken(
  text: string,
  at: number,
  lexis: Lexis,
): { readonly kind: TokenKind; readonly end: number } | undefined {
  const word = endOf(name, text, at)
  if (word > at) return { kind: 'name', end: word }
  const comment = endOfComment(text, at, lexis)
  if (comment > at) return { kind: 'comment', end: comment }
  const string = endOfString(text, at, lexis)
  if (string > at) return { kind: 'string', end: string }
  const digits = endOf(number, text, at)
  return digits > at ? { kind: 'number', end: digits } : undefined
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

function endOfComment(text: string, at: number, lexis: Lexis): number {
  for (const [open, close] of lexis.blockComments) {
    if (!text.startsWith(open, at)) continue
    const end = text.indexOf(close, at + open.length)
    return end === -1 ? text.length : end + close.length
  }
  if (!lexis.lineComments.some((open) => text.startsWith(open, at))) return at
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

function endOfString(text: string, at: number, lexis: Lexis): number {
  const long = lexis.longQuotes.find((quote) => text.startsWith(quote, at))
  if (long !== undefined) return endOfQuoted(text, at + long.length, long, true)
  const quote = lexis.quotes.find((candidate) => text.startsWith(candidate, at))
  return quote === undefined ? at : endOfQuoted(text, at + 1, quote, false)
}

function endOfQuoted(text: string, from: number, quote: string, spansLines: boolean): number {
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (char === '\\') at += 1
    else if (char === '\n' && !spansLines) return at
    else if (text.startsWith(quote, at)) return at + quote.length
  }
  return text.length
}

function endOfTemplate(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (char === '\\') at += 1
    else if (char === '`') return at + 1
    else if (char === '$' && text.charAt(at + 1) === '{') return at + 2
  }
  return text.length
}
