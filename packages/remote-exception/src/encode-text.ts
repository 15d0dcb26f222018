import type { EncodedText } from './exception-data.ts'

/** Writes a string so that every encoding of the data carries it unchanged. */
export function encodeText(text: string): EncodedText {
  // The first test alone is cheap: text without any surrogates never comes to the second.
  return surrogates.test(text) && text.search(loneSurrogates) >= 0
    ? ['text', JSON.stringify(text)]
    : text
}

/** Makes a text that every encoding carries, where its exact characters do not matter. */
export function wellFormed(text: string): string {
  return surrogates.test(text) ? text.replaceAll(loneSurrogates, '\ufffd') : text
}

/** Keeps the start of a text and says how much was cut. */
export function cutEnd(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  const kept = text.slice(0, endBefore(text, maxChars))
  return `${kept}… [${text.length - kept.length} more characters were cut]`
}

/** Keeps the start and the end of a text and says how much was cut between them. */
export function cutMiddle(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  const tailStart = startAfter(text, text.length - Math.floor(maxChars / 4))
  const head = text.slice(0, endBefore(text, maxChars - (text.length - tailStart)))
  const cut = tailStart - head.length
  return `${head}\n    … [${cut} characters were cut]\n${text.slice(tailStart)}`
}

const surrogates = /[\ud800-\udfff]/
const loneSurrogates = /\p{Surrogate}/gu

function endBefore(text: string, end: number): number {
  return isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end
}

function startAfter(text: string, start: number): number {
  return isHighSurrogate(text.charCodeAt(start - 1)) ? start + 1 : start
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff
}
