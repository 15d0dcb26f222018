import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const main = new URL('fixtures/readme-main.js', import.meta.url)
const work = new URL('fixtures/readme-work.js', import.meta.url)

test('the README shows the programs that are run here', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const programs = [...readme.matchAll(/```js\n([^]*?)```/g)].map((match) => match[1])
  expect(programs).toEqual([await readFile(work, 'utf8'), await readFile(main, 'utf8')])
})

test('the program prints what the README says', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(main)])
  expect(stdout).toBe(/```text\n([^]*?)```/.exec(readme)?.[1])
})
