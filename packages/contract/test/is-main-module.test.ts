import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { isMainModule } from '@mpservice/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const fixtures = fileURLToPath(new URL('fixtures', import.meta.url))
const script = join(fixtures, 'reports-main.js')
const scriptUrl = pathToFileURL(script).href
let directory: string

beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'mpservice contract-')))
})

afterAll(async () => {
  await rm(directory, { recursive: true })
})

describe('is true in a script that is started', () => {
  test('by its absolute path', async () => {
    expect(await node([script])).toEqual(['reports-main.js: true'])
  })

  test('by its path relative to the current directory', async () => {
    expect(await node(['fixtures/reports-main.js'], dirname(fixtures))).toEqual([
      'reports-main.js: true',
    ])
  })

  test('by its path without extension', async () => {
    expect(await node(['fixtures/reports-main'], dirname(fixtures))).toEqual([
      'reports-main.js: true',
    ])
  })

  test('with arguments and options', async () => {
    expect(await node(['--no-warnings', script, '--eval', 'x'])).toEqual(['reports-main.js: true'])
  })

  test('through a symbolic link', async () => {
    const link = join(directory, 'linked.js')
    await symlink(script, link)
    expect(await node([link])).toEqual(['reports-main.js: true'])
  })

  test('through a link to its folder, without following links', async () => {
    const folder = join(directory, 'real folder')
    await mkdir(folder)
    await writeFile(
      join(folder, 'begin.mjs'),
      `import { isMainModule } from ${JSON.stringify(builtPackage())}
      console.log('begin.mjs: ' + isMainModule(import.meta.url))`,
    )
    await symlink(folder, join(directory, 'linked folder'))
    const flags = ['--preserve-symlinks-main', '--preserve-symlinks']
    expect(await node([...flags, join('linked folder', 'begin.mjs')])).toEqual(['begin.mjs: true'])
  })

  test('as the main file of a package, by `node .`', async () => {
    const folder = join(directory, 'package with main')
    await mkdir(join(folder, 'lib'), { recursive: true })
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ type: 'module', main: './lib/begin.js' }),
    )
    await writeFile(
      join(folder, 'lib', 'begin.js'),
      `import { isMainModule } from ${JSON.stringify(builtPackage())}
      import './other.js'
      console.log('begin.js: ' + isMainModule(import.meta.url))`,
    )
    await writeFile(
      join(folder, 'lib', 'other.js'),
      `import { isMainModule } from ${JSON.stringify(builtPackage())}
      console.log('other.js: ' + isMainModule(import.meta.url))`,
    )
    expect(await node(['.'], folder)).toEqual(['other.js: false', 'begin.js: true'])
  })

  test('when it is CommonJS and requires this package', async () => {
    const file = join(directory, 'begin.cjs')
    await writeFile(
      file,
      `const { isMainModule } = require(${JSON.stringify(fileURLToPath(builtPackage()))})
      const { pathToFileURL } = require('node:url')
      console.log('begin.cjs: ' + isMainModule(pathToFileURL(__filename).href))`,
    )
    expect(await node(['--no-warnings', file])).toEqual(['begin.cjs: true'])
  })
})

describe('is false', () => {
  test('in a module that the script imports', async () => {
    expect(await node([join(fixtures, 'imports-reports-main.js')])).toEqual([
      'reports-main.js: false',
      'imports-reports-main.js: true',
    ])
  })

  test('in a module that is loaded before another script', async () => {
    expect(await node(['--import', scriptUrl, join(fixtures, 'calls-nothing.js')])).toEqual([
      'reports-main.js: false',
    ])
  })

  test('in a thread that runs the script again', async () => {
    expect(await node([join(fixtures, 'runs-itself-in-thread.js')])).toEqual([
      'main thread: true',
      'worker thread: false',
    ])
  })

  test('in a child that was started with another script and imports this one', async () => {
    expect(await node([join(fixtures, 'runs-itself-in-child.js')])).toEqual([
      'parent: true',
      'child: false',
      "child has left its parent's process",
    ])
  })

  test.each(['-e', '--eval', '-p', '-pe'])('under `node %s`', async (flag) => {
    const code = `import(${JSON.stringify(scriptUrl)})`
    expect(await node([flag, code])).toContain('reports-main.js: false')
    expect(await node([flag, code, script])).toContain('reports-main.js: false')
  })

  test('for anything that is not the URL of a file', () => {
    const values = ['', 'node:fs', 'data:text/javascript,0', 'https://host/a.js', script]
    expect(values.map(isMainModule)).toEqual([false, false, false, false, false])
  })

  test('for a file that does not exist', () => {
    expect(isMainModule('file:///no/such/file.js')).toBe(false)
  })

  test('in a test file, which the test runner imports', () => {
    expect(isMainModule(import.meta.url)).toBe(false)
  })
})

async function node(args: readonly string[], cwd = directory): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 20_000 })
  return stdout.trim().split('\n')
}

function builtPackage(): string {
  return pathToFileURL(createRequire(import.meta.url).resolve('@mpservice/contract')).href
}
