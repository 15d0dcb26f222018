import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const packageFolder = fileURLToPath(new URL('../', import.meta.url))
const root = fileURLToPath(new URL('../../../', import.meta.url))
let compiled: string

// Within the package, so that the examples find it by its own name, as installed.
beforeAll(async () => {
  compiled = await mkdtemp(`${packageFolder}readme-`)
  const examples = `${packageFolder}test/fixtures/readme`
  const config = ['--ignoreConfig', '--outDir', compiled, '--rootDir', examples]
  const options = ['--target', 'es2023', '--module', 'nodenext', '--strict', '--types', 'node']
  await run(process.execPath, [
    `${root}node_modules/typescript/bin/tsc`,
    ...config,
    ...options,
    '--skipLibCheck',
    `${examples}/greet.ts`,
    `${examples}/words.ts`,
    `${examples}/primes.ts`,
    `${examples}/slug.ts`,
  ])
})

afterAll(() => rm(compiled, { recursive: true }))

test.each([
  { readme: `${packageFolder}README.md`, example: 'greet.ts', title: '// greet.mts' },
  { readme: `${packageFolder}README.md`, example: 'primes.ts', title: '// primes.mts' },
  { readme: `${packageFolder}README.md`, example: 'slug.ts', title: '// slug.mts' },
  { readme: `${root}README.md`, example: 'words.ts', title: '' },
])('the example $example is the one in its README', async ({ readme, example, title }) => {
  const text = await readFile(readme, 'utf8')
  const shown = new RegExp(`\`\`\`ts\\n${title && `${title}.*\\n`}([^]*?)\`\`\``).exec(text)?.[1]
  const source = await readFile(`${packageFolder}test/fixtures/readme/${example}`, 'utf8')
  expect(shown).toBe(source)
})

test('the example of this package prints what it says', async () => {
  const { stdout, stderr } = await run(process.execPath, [`${compiled}/greet.js`])
  expect({ stdout, stderr }).toEqual({
    stdout:
      'HELLO (2 vowels)\none → ONE (2 vowels)\ntwo → TWO (1 vowels)\nthree → THREE (2 vowels)\n',
    stderr: '',
  })
})

test('the example of a pool prints what it says', async () => {
  const { stdout, stderr } = await run(process.execPath, [`${compiled}/primes.js`])
  expect({ stdout, stderr }).toEqual({ stdout: '25\n9592\n', stderr: '' })
})

test('the example of a server that blocks prints what it says', async () => {
  const { stdout, stderr } = await run(process.execPath, [`${compiled}/slug.js`])
  expect({ stdout, stderr }).toEqual({ stdout: 'hello-world\npart-one\npart-two\n', stderr: '' })
})

test('the example of the repository prints what it says', async () => {
  const { stdout, stderr } = await run(process.execPath, [`${compiled}/words.js`])
  const readme = await readFile(`${root}README.md`, 'utf8')
  const shown = /It prints\n\n```\n([^]*?)```/.exec(readme)?.[1]
  expect({ stdout, stderr }).toEqual({ stdout: shown, stderr: '' })
})
