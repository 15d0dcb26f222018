import { existsSync, realpathSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryDirectory } from '@mpservice/test-support'
import { expect, test } from 'vitest'

test('is in the directory for temporary files and has a space in its name', async () => {
  await using directory = await temporaryDirectory()
  expect(dirname(directory.path)).toBe(realpathSync(tmpdir()))
  expect(basename(directory.path)).toMatch(/^mps test-\w{6}$/)
})

test('has a URL that names files inside', async () => {
  await using directory = await temporaryDirectory()
  const url = new URL('work.js', directory.url)
  expect(fileURLToPath(url)).toBe(join(directory.path, 'work.js'))
})

test('is another one each time', async () => {
  await using one = await temporaryDirectory()
  await using other = await temporaryDirectory()
  expect(one.path).not.toBe(other.path)
})

test('is removed with all that it holds', async () => {
  let path
  {
    await using directory = await temporaryDirectory()
    path = directory.path
    await mkdir(join(path, 'a', 'b'), { recursive: true })
    await writeFile(join(path, 'a', 'b', 'file'), 'text')
  }
  expect(existsSync(path)).toBe(false)
})

test('may have been removed before', async () => {
  const directory = await temporaryDirectory()
  await directory[Symbol.asyncDispose]()
  await directory[Symbol.asyncDispose]()
  expect(existsSync(directory.path)).toBe(false)
})
