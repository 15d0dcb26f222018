import { expect, test } from 'vitest'
import { lexes } from '../src/lexis.ts'
import { countTokens } from '../src/token-statistics.ts'
import { wordsOfName } from '../src/words.ts'

test('counts lines, names, comments and strings', () => {
  const text = [
    '// first',
    'const parseHeader = (header) => header.split(":", 2) // with a comment',
    '',
    '/* one',
    '',
    '   three */',
    'const s = `a',
    'b`',
  ].join('\n')
  expect(countTokens(text, lexes.javascript)).toEqual({
    lines: { total: 8, code: 3, comment: 3, blank: 2 },
    names: 5,
    distinctNames: 4,
    comments: 3,
    commentChars: 44,
    strings: 2,
    stringChars: 8,
    numbers: 1,
    longestLine: { line: 2, length: 70 },
    words: [
      ['header', 3],
      ['parse', 1],
      ['split', 1],
    ],
  })
})

test('counts nothing in an empty text', () => {
  expect(countTokens('', lexes.javascript)).toEqual({
    lines: { total: 0, code: 0, comment: 0, blank: 0 },
    names: 0,
    distinctNames: 0,
    comments: 0,
    commentChars: 0,
    strings: 0,
    stringChars: 0,
    numbers: 0,
    longestLine: { line: 0, length: 0 },
    words: [],
  })
})

test('counts a line feed at the end as the end of its line, in both conventions', () => {
  const { lines, longestLine } = countTokens('a\r\n\r\nbcd\r\n', lexes.prose)
  expect({ lines, longestLine }).toEqual({
    lines: { total: 3, code: 2, comment: 0, blank: 1 },
    longestLine: { line: 3, length: 3 },
  })
})

test('counts a line with code and a comment over several lines as code only where there is code', () => {
  const { lines } = countTokens('a /* b\nc\nd */ e\n', lexes.c)
  expect(lines).toEqual({ total: 3, code: 2, comment: 1, blank: 0 })
})

test.each([
  ['parseHTTPHeader_v2', ['parse', 'http', 'header']],
  ['SCREAMING_SNAKE_CASE', ['screaming', 'snake']],
  ['größeÄndern', ['größe', 'ändern']],
  ['__proto__', ['proto']],
  ['the', []],
  ['x1', []],
])('splits %s into words', (name, words) => {
  expect(wordsOfName(name)).toEqual(words)
})
