import { Worker } from '@mpservice/server'
import { languageOfLabel } from './language.ts'
import type { Lexis } from './lexis.ts'
import { mostFrequent } from './most-frequent.ts'
import { scanTokens, type TokenKind } from './scan-tokens.ts'
import type { SourceFile } from './source-file.ts'
import { isReservedWord, wordsOfName } from './words.ts'

/** What is counted in the text of one file. */
export interface TokenStatistics {
  readonly lines: LineCounts
  /** Names that are no reserved words; in prose every word. */
  readonly names: number
  readonly distinctNames: number
  readonly comments: number
  readonly commentChars: number
  readonly strings: number
  readonly stringChars: number
  readonly numbers: number
  /** The longest line: its number from 1 and its length in UTF-16 code units; 0 when there is none. */
  readonly longestLine: { readonly line: number; readonly length: number }
  /** The most frequent words of names, lower-case, most frequent first; at most 40. */
  readonly words: readonly (readonly [word: string, count: number])[]
}

/** How many lines are what; each line is one of the three. */
export interface LineCounts {
  readonly total: number
  /** With something else than comments and white space. */
  readonly code: number
  /** With nothing else than comments. */
  readonly comment: number
  /** With nothing at all. */
  readonly blank: number
}

/** The statistics of one file and how long they took, in milliseconds. */
export interface CountedTokens extends TokenStatistics {
  readonly tookMs: number
}

const maxWords = 40

/** Counts the tokens of source files of every language. */
export class Tokens extends Worker<SourceFile, CountedTokens> {
  static readonly module: string = import.meta.url

  call(file: SourceFile): CountedTokens {
    const startedAt = performance.now()
    const statistics = countTokens(file.text, languageOfLabel(file.language).lexis)
    return { ...statistics, tookMs: performance.now() - startedAt }
  }
}

/** Counts what is in a text. A line feed at the end begins no further line. */
export function countTokens(text: string, lexis: Lexis): TokenStatistics {
  const lines = new LineTally(text)
  const counts: Record<TokenKind, number> = {
    comment: 0,
    string: 0,
    name: 0,
    number: 0,
    regexp: 0,
    punctuation: 0,
  }
  const chars = { comment: 0, string: 0 }
  const names = new Map<string, number>()
  scanTokens(text, lexis, (kind, start, end) => {
    lines.cover(kind === 'comment' ? 'comment' : 'code', start, end)
    if (kind === 'name') {
      const name = text.slice(start, end)
      if (!lexis.isProse && isReservedWord(name)) return
      names.set(name, (names.get(name) ?? 0) + 1)
    }
    counts[kind] += 1
    if (kind === 'comment' || kind === 'string') chars[kind] += end - start
  })
  return {
    lines: lines.counts(),
    names: counts.name,
    distinctNames: names.size,
    comments: counts.comment,
    commentChars: chars.comment,
    strings: counts.string,
    stringChars: chars.string,
    numbers: counts.number,
    longestLine: lines.longest(),
    words: mostFrequentWords(names),
  }
}

function mostFrequentWords(names: ReadonlyMap<string, number>): [string, number][] {
  const words = new Map<string, number>()
  for (const [name, count] of names) {
    for (const word of wordsOfName(name)) words.set(word, (words.get(word) ?? 0) + count)
  }
  return mostFrequent(words, maxWords)
}

/** Which lines of a text hold code, and which nothing but comments. Tokens come in order. */
class LineTally {
  readonly #starts: number[] = []
  readonly #lengths: number[] = []
  readonly #kinds: ('blank' | 'comment' | 'code')[] = []
  readonly #text: string
  #line = 0

  constructor(text: string) {
    this.#text = text
    for (let start = 0; start < text.length;) {
      const feed = text.indexOf('\n', start)
      const end = feed === -1 ? text.length : feed
      this.#starts.push(start)
      this.#lengths.push(end - start - (text.charAt(end - 1) === '\r' && end > start ? 1 : 0))
      this.#kinds.push('blank')
      start = end + 1
    }
  }

  cover(kind: 'comment' | 'code', start: number, end: number): void {
    while ((this.#starts[this.#line + 1] ?? Infinity) <= start) this.#line += 1
    for (let line = this.#line; (this.#starts[line] ?? Infinity) < end; line += 1) {
      if (this.#kinds[line] === 'code') continue
      if (line > this.#line && this.#isEmpty(line)) continue
      this.#kinds[line] = kind
    }
  }

  counts(): LineCounts {
    const tally = { blank: 0, comment: 0, code: 0 }
    for (const kind of this.#kinds) tally[kind] += 1
    return { total: this.#kinds.length, ...tally }
  }

  longest(): { readonly line: number; readonly length: number } {
    let longest = { line: 0, length: 0 }
    this.#lengths.forEach((length, index) => {
      if (length > longest.length) longest = { line: index + 1, length }
    })
    return longest
  }

  #isEmpty(line: number): boolean {
    const start = this.#starts[line] ?? 0
    return this.#text.slice(start, start + (this.#lengths[line] ?? 0)).trim() === ''
  }
}
