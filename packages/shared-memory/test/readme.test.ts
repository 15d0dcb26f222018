import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'

describe.each([
  { name: 'count.mjs', prints: '200000\n' },
  { name: 'sum.mjs', prints: '500500\n' },
])('the example $name', ({ name, prints }) => {
  const example = fileURLToPath(new URL(`./fixtures/readme/${name}`, import.meta.url))

  test('is the one in the README', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
    const shown = readme.split(`\`\`\`js\n// ${name} — run it with: node ${name}\n`)[1]
    expect(shown?.split('```')[0]).toBe(await readFile(example, 'utf8'))
  })

  test('prints what it says', async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [example])
    expect({ stdout, stderr }).toEqual({ stdout: prints, stderr: '' })
  })
})
