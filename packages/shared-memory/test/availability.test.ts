import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  isSharedMemoryAvailable,
  isSharedMemoryUnavailableError,
  SharedMemory,
  whySharedMemoryIsUnavailable,
} from '@mpservice/shared-memory'
import { startHost, temporaryDirectory } from '@mpservice/test-support'
import { afterEach, describe, expect, test } from 'vitest'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))

afterEach(() => {
  delete process.env['MPSERVICE_NO_NATIVE']
})

test('nothing is unavailable here', () => {
  expect(whySharedMemoryIsUnavailable()).toBe(undefined)
  expect(isSharedMemoryAvailable()).toBe(true)
})

describe('switched off by MPSERVICE_NO_NATIVE', () => {
  test('everything says so by a named error', () => {
    using block = SharedMemory.create(10)
    const { handle, name } = block
    process.env['MPSERVICE_NO_NATIVE'] = '1'
    expect(isSharedMemoryAvailable()).toBe(false)
    const why = whySharedMemoryIsUnavailable()
    expect({ reason: why?.reason, code: why?.code, message: why?.message }).toEqual({
      reason: 'switched-off',
      code: 'SHARED_MEMORY_UNAVAILABLE',
      message: 'memory cannot be shared between processes: MPSERVICE_NO_NATIVE=1 is set',
    })
    for (const use of [
      () => SharedMemory.create(10),
      () => SharedMemory.create(10, { name: 'named' }),
      () => SharedMemory.open(name),
      () => SharedMemory.open('named'),
      () => SharedMemory.attach(handle),
    ]) {
      expect(use).toThrow(expect.objectContaining({ code: 'SHARED_MEMORY_UNAVAILABLE' }))
    }
  })

  test('blocks that are open can still be used and closed', () => {
    const block = SharedMemory.create(10)
    process.env['MPSERVICE_NO_NATIVE'] = '1'
    block.buf[0] = 1
    block.close()
    expect(block.isClosed).toBe(true)
  })

  test('it can be switched on again, and other values do not switch it off', () => {
    process.env['MPSERVICE_NO_NATIVE'] = '1'
    expect(isSharedMemoryAvailable()).toBe(false)
    for (const value of ['', '0', 'true']) {
      process.env['MPSERVICE_NO_NATIVE'] = value
      expect(isSharedMemoryAvailable()).toBe(true)
    }
  })

  test('a process that was started so says so', async () => {
    await using host = await startHost(new URL('./fixtures/attempt.js', import.meta.url), {
      args: [JSON.stringify({ create: 10 })],
      env: { MPSERVICE_NO_NATIVE: '1' },
    })
    expect(JSON.parse(await host.nextLine())).toMatchObject({
      code: 'SHARED_MEMORY_UNAVAILABLE',
      reason: 'switched-off',
      available: false,
    })
  })
})

describe('without the native package', () => {
  test('everything says so by a named error', async () => {
    expect(await attemptWithNative(undefined)).toEqual({
      code: 'SHARED_MEMORY_UNAVAILABLE',
      reason: 'not-installed',
      message: expect.stringMatching(
        /: the optional package @koromix\/koffi-\w+-\w+ is not installed$/,
      ),
      available: false,
    })
  })

  test('one that is broken is told from one that is missing', async () => {
    for (const broken of ["throw new Error('wrong libc')", "require('./missing.node')"]) {
      expect(await attemptWithNative(broken)).toEqual({
        code: 'SHARED_MEMORY_UNAVAILABLE',
        reason: 'not-loadable',
        message: expect.stringMatching(/ cannot be loaded$/),
        available: false,
      })
    }
  })

  test('one that does not do what it should counts as refused', async () => {
    expect(await attemptWithNative('module.exports = {}')).toMatchObject({
      code: 'SHARED_MEMORY_UNAVAILABLE',
      reason: 'refused',
      available: false,
    })
  })
})

test('the guard knows the error', () => {
  process.env['MPSERVICE_NO_NATIVE'] = '1'
  expect(isSharedMemoryUnavailableError(whySharedMemoryIsUnavailable())).toBe(true)
})

/** What becomes of an attempt where the native package is another one, or not there. */
async function attemptWithNative(code: string | undefined): Promise<unknown> {
  await using folder = await temporaryDirectory()
  const modules = `${folder.path}/node_modules`
  const installed = `${modules}/@mpservice/shared-memory`
  for (const part of ['dist', 'package.json']) {
    cpSync(`${packageFolder}${part}`, `${installed}/${part}`, { recursive: true })
  }
  for (const scope of ['@logtape/logtape', '@mpservice/contract', '@mpservice/remote-exception']) {
    const link = `${modules}/${scope}`
    mkdirSync(link, { recursive: true })
    rmSync(link, { recursive: true })
    symlinkSync(`${packageFolder}node_modules/${scope}`, link)
  }
  if (code !== undefined) {
    const native = `${modules}/@koromix/koffi-${process.platform}-${process.arch}`
    mkdirSync(native, { recursive: true })
    writeFileSync(`${native}/index.js`, code)
  }
  cpSync(`${packageFolder}test/fixtures/attempt.js`, `${folder.path}/attempt.mjs`)
  await using host = await startHost(`${folder.path}/attempt.mjs`, {
    args: [JSON.stringify({ create: 10 })],
    // Package managers put more folders on the search path of what they run.
    env: { NODE_PATH: undefined },
  })
  return JSON.parse(await host.nextLine())
}
