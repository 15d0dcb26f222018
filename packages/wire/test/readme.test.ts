import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const main = new URL('fixtures/readme-main.js', import.meta.url)
const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')

test('the README shows the program that is run here', async () => {
  expect(/```js\n([^]*?)```/.exec(readme)?.[1]).toBe(await readFile(main, 'utf8'))
})

test('the program prints what the README says', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(main)])
  expect(stdout).toBe(/```text\n([^]*?)```/.exec(readme)?.[1])
})
