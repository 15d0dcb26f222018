import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const fixtures = new URL('fixtures/', import.meta.url)
const url = new URL('work.js', fixtures).href

test('gives an exported function, the same each time', async () => {
  expect(await imported({ url, exportName: 'work' })).toEqual({
    name: 'work',
    same: true,
    located: { url, exportName: 'work' },
    result: 5,
  })
})

test('gives an exported class', async () => {
  expect(await imported({ url, exportName: 'Model' })).toEqual({
    name: 'Model',
    same: true,
    located: { url, exportName: 'Model' },
    result: { title: 'small' },
  })
})

test.each(['standard', 'default'])('gives the default export as %j', async (exportName) => {
  expect(await imported({ url, exportName })).toEqual({
    name: 'standard',
    same: true,
    located: { url, exportName: 'standard' },
    result: 'the default export',
  })
})

test('gives a default export that has no name of its own', async () => {
  const unnamed = new URL('unnamed-default.js', fixtures).href
  expect(await imported({ url: unnamed, exportName: 'default' })).toEqual({
    name: 'default',
    same: true,
    located: { url: unnamed, exportName: 'default' },
    result: { title: 'small' },
  })
})

test.each(['absent', 'toString', '__proto__', ''])(
  'says what a module exports when it does not export %j',
  async (exportName) => {
    expect(await imported({ url, exportName })).toEqual({
      name: 'NotImportableError',
      code: 'NOT_IMPORTABLE',
      target: exportName,
      message: `module ${url} does not export "${exportName}" (it exports: Model, default, limit, unset, work); export the function or class under that name`,
      same: false,
    })
  },
)

test('says so when a module exports nothing', async () => {
  const empty = new URL('no-exports.js', fixtures).href
  expect(await imported({ url: empty, exportName: 'work' })).toMatchObject({
    message: `module ${empty} does not export "work" (it exports: nothing); export the function or class under that name`,
  })
})

test('refuses an export that is no function or class', async () => {
  expect(await imported({ url, exportName: 'limit' })).toEqual({
    name: 'NotImportableError',
    code: 'NOT_IMPORTABLE',
    target: 'limit',
    message: `the export "limit" of module ${url} is of type number; only a function or class can run in another process`,
    same: false,
  })
})

test('does not put the default export in the place of one that is undefined', async () => {
  expect(await imported({ url, exportName: 'unset' })).toMatchObject({
    message: `the export "unset" of module ${url} is of type undefined; only a function or class can run in another process`,
  })
})

test.each(['data:text/javascript,export function work() {}', 'http://host/work.js', 'node:fs'])(
  'does not import %s',
  async (wrong) => {
    expect(await imported({ url: wrong, exportName: 'work' })).toEqual({
      name: 'NotImportableError',
      code: 'NOT_IMPORTABLE',
      target: wrong,
      message: `the module "${wrong}" is not named by a file: URL; give import.meta.url or new URL('./module.js', import.meta.url)`,
      same: false,
    })
  },
)

test('passes the failure to find the module through', async () => {
  const missing = new URL('no-such-file.js', fixtures)
  const outcome = await imported({ url: missing.href, exportName: 'work' })
  expect(outcome).toMatchObject({ name: 'Error', code: 'ERR_MODULE_NOT_FOUND' })
  expect(outcome.message).toContain(fileURLToPath(missing))
})

test('passes a syntax error through', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mpservice contract-'))
  try {
    const file = join(directory, 'half.mjs')
    await writeFile(file, 'export function work( {')
    expect(await imported({ url: pathToFileURL(file).href, exportName: 'work' })).toMatchObject({
      name: 'SyntaxError',
    })
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('passes what the top level of the module throws through, the same each time', async () => {
  const throwing = new URL('throws-at-top-level.js', fixtures).href
  expect(await imported({ url: throwing, exportName: 'work' })).toEqual({
    name: 'RangeError',
    message: 'no model file at this place',
    same: true,
  })
})

// In a process of its own: the test runner replaces import() by one that behaves differently.
async function imported(location: { url: string; exportName: string }): Promise<Outcome> {
  const program = fileURLToPath(new URL('reports-import.js', fixtures))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, JSON.stringify(location)],
    { timeout: 20_000 },
  )
  const outcome: Outcome = JSON.parse(stdout)
  return outcome
}

interface Outcome {
  readonly name: string
  readonly message?: string
}
