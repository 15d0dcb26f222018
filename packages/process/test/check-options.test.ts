import { checkOptions } from '@mpservice/process'
import { expect, test } from 'vitest'

test('accepts options of known names, and none', () => {
  expect(() => checkOptions({ size: 1 }, ['size', 'name'], 'open')).not.toThrow()
  expect(() => checkOptions(undefined, [], 'open')).not.toThrow()
})

test('refuses an option of another name, naming those that there are', () => {
  expect(() => checkOptions({ sise: 1 }, ['size', 'name'], 'open')).toThrow(
    new TypeError('open has no option "sise"; it has: size, name'),
  )
})
