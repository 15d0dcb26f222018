import { importExport, locateExport, ModuleExport, ModuleRef, moduleRef } from '@mpservice/contract'
import { expect, test } from 'vitest'

const url = new URL('fixtures/no-exports.js', import.meta.url)

test('names a module without importing it', () => {
  const ref = moduleRef<{ work: () => number }>(url)
  expect(locateExport(ref.export('work'))).toEqual({ url: url.href, exportName: 'work' })
  expect('wasImported' in globalThis).toBe(false)
})

test('takes a URL object and its text alike', () => {
  expect(moduleRef(url)).toEqual(moduleRef(url.href))
})

test('finds out that an export is missing where the module is imported', async () => {
  const ref = moduleRef<{ work: () => number }>(url)
  await expect(importExport(locateExport(ref.export('work')))).rejects.toThrow(
    `module ${url.href} does not export "work" (it exports: nothing); export the function or class under that name`,
  )
})

test.each([
  'data:text/javascript,export function work() {}',
  'https://host/work.js',
  'node:fs',
  './work.js',
  '/data/work.js',
])('refuses %s, however the reference is made', (wrong) => {
  const message = `the module "${wrong}" is not named by a file: URL; give import.meta.url or new URL('./module.js', import.meta.url)`
  expect(() => moduleRef(wrong)).toThrow(message)
  expect(() => new ModuleRef(wrong)).toThrow(message)
  expect(() => new ModuleExport(wrong, 'work')).toThrow(message)
})
