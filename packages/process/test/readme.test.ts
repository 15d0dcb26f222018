import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const example = fileURLToPath(new URL('./fixtures/sum.mjs', import.meta.url))

test('the example in the README is the one that is run', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const shown = /```js\n\/\/ sum\.mjs.*\n([^]*?)```/.exec(readme)?.[1]
  expect(shown).toBe(await readFile(example, 'utf8'))
})

test('the example prints what it says', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [example])
  expect({ stdout, stderr }).toEqual({ stdout: '500000000067109000\n', stderr: '' })
})
