import { expect, test } from 'vitest'
import { languageOfLabel, languageOfPath } from '../src/language.ts'

test.each([
  ['main.ts', 'TypeScript'],
  ['a/b/index.d.ts', 'TypeScript declarations'],
  ['index.d.mts', 'TypeScript declarations'],
  ['App.TSX', 'TSX'],
  ['x.test.js', 'JavaScript'],
  ['.oxlintrc.json', 'JSON'],
  ['README.md', 'Markdown'],
  ['Dockerfile', 'Dockerfile'],
  ['CMakeLists.txt', 'CMake'],
  ['notes.txt', 'Text'],
  ['logo.png', undefined],
  ['.gitignore', undefined],
  ['ts', undefined],
  ['', undefined],
])('knows the language of %j', (path, label) => {
  expect(languageOfPath(path)?.label).toBe(label)
})

test('finds a language again by its label', () => {
  const language = languageOfPath('x.py')
  expect(language && languageOfLabel(language.label)).toBe(language)
  expect(() => languageOfLabel('Klingon')).toThrow(new RangeError('there is no language "Klingon"'))
})
