import { expect, test } from 'vitest'
import { type Lexis, lexes } from '../src/lexis.ts'
import { scanTokens } from '../src/scan-tokens.ts'

function tokens(text: string, lexis: Lexis = lexes.javascript): string[] {
  const found: string[] = []
  scanTokens(text, lexis, (kind, start, end) => {
    if (kind !== 'punctuation') found.push(`${kind} ${text.slice(start, end)}`)
  })
  return found
}

test('finds names, numbers, strings and comments', () => {
  expect(tokens('let größe = 0x1F + 1.5e-3 // "no"\n/* a\nb */ f("it\'s \\"", \'\')')).toEqual([
    'name let',
    'name größe',
    'number 0x1F',
    'number 1.5e-3',
    'comment // "no"',
    'comment /* a\nb */',
    'name f',
    'string "it\'s \\""',
    "string ''",
  ])
})

test('tells a regular expression from a division', () => {
  expect(tokens('a / b / c; x = /"[/"]\\/`/gi.test(s); return /x/; (1) / 2 / 3')).toEqual([
    'name a',
    'name b',
    'name c',
    'name x',
    'regexp /"[/"]\\/`/gi',
    'name test',
    'name s',
    'name return',
    'regexp /x/',
    'number 1',
    'number 2',
    'number 3',
  ])
})

test('enters the expressions of template literals, also nested ones', () => {
  expect(tokens('`a${ {b: 1}.b + `c${d}e` }f\\`\\${` + g')).toEqual([
    'string `a${',
    'name b',
    'number 1',
    'name b',
    'string `c${',
    'name d',
    'string }e`',
    'string }f\\`\\${`',
    'name g',
  ])
})

test('takes a regular expression as the first thing of a template expression', () => {
  expect(tokens('`${/"/.source}`')).toEqual([
    'string `${',
    'regexp /"/',
    'name source',
    'string }`',
  ])
})

test('ends what is not closed with its line or with the text', () => {
  expect(tokens("x = 'open\ny")).toEqual(['name x', "string 'open", 'name y'])
  expect(tokens('a /* open\nb')).toEqual(['name a', 'comment /* open\nb'])
  expect(tokens('`open ${a')).toEqual(['string `open ${', 'name a'])
  expect(tokens('"\\')).toEqual(['string "\\'])
})

test('knows the comments and strings of other languages', () => {
  expect(tokens('"""doc\nit\'s""" # c\nx = \'y\'', lexes.python)).toEqual([
    'string """doc\nit\'s"""',
    'comment # c',
    'name x',
    "string 'y'",
  ])
  expect(tokens("it's <!-- no\nway --> fine", lexes.prose)).toEqual([
    'name it',
    'name s',
    'comment <!-- no\nway -->',
    'name fine',
  ])
  expect(tokens('fn f<\'a>(x: &\'a str) { "s" }', lexes.rust)).toEqual([
    'name fn',
    'name f',
    'name a',
    'name x',
    'name a',
    'name str',
    'string "s"',
  ])
  expect(tokens("select 'a' -- c\n/* d */", lexes.sql)).toEqual([
    'name select',
    "string 'a'",
    'comment -- c',
    'comment /* d */',
  ])
})

test('covers every character but white space, once and in order', () => {
  const texts = ['a`b${c}d`/e/f /g/ //\n', '}}}`${', '/*/ "\\"\n\' ${}', '\u0000 \ud800 😀 ñ']
  for (const lexis of Object.values(lexes)) {
    for (const text of texts) {
      let at = 0
      let covered = ''
      scanTokens(text, lexis, (_kind, start, end) => {
        expect(start).toBeGreaterThanOrEqual(at)
        expect(end).toBeGreaterThan(start)
        expect(text.slice(at, start).trim()).toBe('')
        covered += text.slice(start, end)
        at = end
      })
      expect(text.slice(at).trim()).toBe('')
      expect(covered.replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
    }
  }
})
