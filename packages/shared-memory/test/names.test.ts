import {
  chmodSync,
  lchownSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {
  SharedMemory,
  SharedMemoryExistsError,
  SharedMemoryNameError,
  SharedMemoryNotFoundError,
  SharedMemoryTooSmallError,
  UnsafePathError,
} from '@mpservice/shared-memory'
import {
  checkLeaksAfterEach,
  type Host,
  isAlive,
  startHost,
  temporaryDirectory,
  type TemporaryDirectory,
  waitUntil,
} from '@mpservice/test-support'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

checkLeaksAfterEach()

const uid = process.getuid?.() ?? 0
const inherited = process.env['MPSERVICE_RUNTIME_DIR']
let runtime: TemporaryDirectory

beforeEach(async () => {
  runtime = await temporaryDirectory()
  process.env['MPSERVICE_RUNTIME_DIR'] = runtime.path
})

afterEach(async () => {
  if (inherited === undefined) delete process.env['MPSERVICE_RUNTIME_DIR']
  else process.env['MPSERVICE_RUNTIME_DIR'] = inherited
  await runtime[Symbol.asyncDispose]()
})

test('a block is opened by its name in a program that knows nothing else', async () => {
  using block = SharedMemory.create(32, { name: 'pictures.2024-01_a' })
  block.buf[0] = 77
  await using host = await startHolder({ open: 'pictures.2024-01_a' })
  const { first, name } = JSON.parse(await host.nextLine())
  expect({ first, name }).toEqual({ first: 77, name: 'pictures.2024-01_a' })
})

test('nothing is left in the file system when the last process has closed a block', () => {
  const block = SharedMemory.create(32, { name: 'pictures' })
  const other = SharedMemory.open('pictures')
  expect(listNames()).toEqual(['pictures'])
  block.close()
  expect(listNames()).toEqual(['pictures'])
  other.close()
  expect(readdirSync(runtime.path)).toEqual([])
})

test('nothing is left in the file system when a process exits without closing', async () => {
  await using host = await startHolder({ create: 32, name: 'pictures' })
  await host.nextLine()
  expect(listNames()).toEqual(['pictures'])
  host.kill('SIGTERM')
  expect(await host.exited).toEqual({ code: 0, signal: null })
  expect(readdirSync(runtime.path)).toEqual([])
})

test('a name is of use as long as any process has the block open', async () => {
  await using creator = await startHolder({ create: 32, name: 'relay', fill: 3 })
  await creator.nextLine()
  await using second = await startHolder({ open: 'relay' })
  await second.nextLine()
  await kill(creator)
  using block = SharedMemory.open('relay')
  expect(block.buf).toEqual(new Uint8Array(32).fill(3))
  await kill(second)
  using again = SharedMemory.open('relay')
  again.buf[0] = 4
  expect(block.buf[0]).toBe(4)
})

test('the name of a block whose processes were killed is free', async () => {
  await using host = await startHolder({ create: 32, name: 'short' })
  await host.nextLine()
  await kill(host)
  expect(() => SharedMemory.open('short')).toThrow(
    new SharedMemoryNotFoundError({ block: 'short' }),
  )
  expect(readdirSync(runtime.path)).toEqual([])
  using block = SharedMemory.create(8, { name: 'short' })
  expect(block.buf).toEqual(new Uint8Array(8))
})

test('a process that starts removes the names that killed ones have left', async () => {
  await using killed = await startHolder({ create: 32, name: 'left' })
  await killed.nextLine()
  await kill(killed)
  expect(listNames()).toEqual(['left'])
  await using next = await startHolder({ create: 32, name: 'other' })
  await next.nextLine()
  expect(listNames()).toEqual(['other'])
})

test('a name that was never given is not found, and leaves nothing', () => {
  expect(() => SharedMemory.open('nothing')).toThrow(
    new SharedMemoryNotFoundError({ block: 'nothing' }),
  )
  expect(readdirSync(runtime.path)).toEqual([])
  using block = SharedMemory.create(8, { name: 'something' })
  expect(() => SharedMemory.open('nothing')).toThrow(SharedMemoryNotFoundError)
  expect(listNames()).toEqual([block.name])
})

test('a name that is in use is refused', async () => {
  using block = SharedMemory.create(8, { name: 'one' })
  const error = new SharedMemoryExistsError({ block: 'one' })
  expect(() => SharedMemory.create(8, { name: 'one' })).toThrow(error)
  await using host = await startHolder({ create: 8, name: 'one' })
  expect(await host.exited).toEqual({ code: 1, signal: null })
  expect(host.stderr()).toMatch(/SharedMemoryExistsError/)
  block.buf[0] = 1
})

test('of many processes that create the same name, one does', async () => {
  const startAt = Date.now() + 700
  const hosts = await Promise.all(
    [1, 2, 3, 4].map(() =>
      startHost(new URL('./fixtures/attempt.js', import.meta.url), {
        args: [JSON.stringify({ create: 8, name: 'race', startAt, stays: true })],
      }),
    ),
  )
  const outcomes: string[] = await Promise.all(
    hosts.map(async (host) => JSON.parse(await host.nextLine()).code ?? 'created'),
  )
  await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()))
  expect(outcomes.toSorted()).toEqual([
    'SHARED_MEMORY_EXISTS',
    'SHARED_MEMORY_EXISTS',
    'SHARED_MEMORY_EXISTS',
    'created',
  ])
})

test('a block that was opened by its name is refused when it is too small', () => {
  using block = SharedMemory.create(8, { name: 'small' })
  const error = new SharedMemoryTooSmallError({ block: 'small', sizeBytes: 8, minSizeBytes: 9 })
  expect(() => SharedMemory.open('small', { minSizeBytes: 9 })).toThrow(error)
  expect(block.buf[0]).toBe(0)
})

describe('unlink', () => {
  test('takes the name away, and those who have the block open keep it', () => {
    using block = SharedMemory.create(8, { name: 'old' })
    using other = SharedMemory.open('old')
    other.unlink()
    expect(() => SharedMemory.open('old')).toThrow(SharedMemoryNotFoundError)
    block.buf[0] = 5
    expect(other.buf[0]).toBe(5)
    using fresh = SharedMemory.create(8, { name: 'old' })
    expect(fresh.buf[0]).toBe(0)
    block.unlink()
    block.close()
    other.close()
    other.unlink()
    using opened = SharedMemory.open('old')
    fresh.buf[0] = 6
    expect(opened.buf[0]).toBe(6)
  })

  test('works after close while others have the block open', () => {
    const block = SharedMemory.create(8, { name: 'old' })
    using other = SharedMemory.open('old')
    block.close()
    block.unlink()
    expect(() => SharedMemory.open('old')).toThrow(SharedMemoryNotFoundError)
    other.buf[0] = 5
    expect(readdirSync(runtime.path)).toEqual([])
  })

  test('does nothing for a block without a given name', () => {
    using block = SharedMemory.create(8)
    block.unlink()
    using other = SharedMemory.open(block.name)
    other.buf[0] = 1
    expect(block.buf[0]).toBe(1)
  })
})

test.each([
  '',
  '.',
  '..',
  '../up',
  '/slash',
  'a/b',
  'a b',
  'a\0b',
  '-dash',
  '.hidden',
  'é',
  'a'.repeat(101),
  'memfd:1:2:3:4:5',
])('%j is no name', (name) => {
  const error = new SharedMemoryNameError({ block: name })
  expect(() => SharedMemory.create(8, { name })).toThrow(error)
  expect(() => SharedMemory.open(name)).toThrow(error)
  expect(readdirSync(runtime.path)).toEqual([])
})

describe('the directory of names', () => {
  test('is private even when the mask for new files is not', () => {
    const mask = process.umask(0)
    try {
      using block = SharedMemory.create(8, { name: 'private' })
      expect(block.name).toBe('private')
      const parent = `${runtime.path}/mpservice-${uid}`
      const [directory] = readdirSync(parent)
      for (const path of [parent, `${parent}/${directory}`, `${parent}/${directory}/private`]) {
        expect(statSync(path).mode & 0o777).toBe(0o700)
      }
    } finally {
      process.umask(mask)
    }
  })

  test.each([
    {
      what: 'open to others',
      problem: 'other users may access it (mode 755)',
      make: (path: string) => {
        mkdirSync(path)
        chmodSync(path, 0o755)
      },
    },
    {
      what: 'a file',
      problem: 'it is no directory',
      make: (path: string) => writeFileSync(path, ''),
    },
    {
      what: 'a symbolic link',
      problem: 'it is no directory',
      make: (path: string) => {
        mkdirSync(`${path}-target`, { mode: 0o700 })
        symlinkSync(`${path}-target`, path)
      },
    },
  ])('is refused when it is $what', ({ problem, make }) => {
    const path = `${runtime.path}/mpservice-${uid}`
    make(path)
    const error = new UnsafePathError({ path, problem })
    expect(() => SharedMemory.create(8, { name: 'unsafe' })).toThrow(error)
    using block = SharedMemory.create(8)
    block.buf[0] = 1
  })

  test('is refused when it belongs to another user', ({ skip }) => {
    if (uid !== 0) {
      console.warn('SKIPPED: only root can make a directory of another user')
      skip()
    }
    const path = `${runtime.path}/mpservice-${uid}`
    mkdirSync(path, { mode: 0o700 })
    lchownSync(path, 65_534, 65_534)
    expect(() => SharedMemory.create(8, { name: 'foreign' })).toThrow(
      new UnsafePathError({ path, problem: 'it belongs to user 65534' }),
    )
  })

  test('may hold what is not ours', () => {
    using block = SharedMemory.create(8, { name: 'ours' })
    const parent = `${runtime.path}/mpservice-${uid}`
    const directory = `${parent}/${readdirSync(parent)[0]}`
    mkdirSync(`${directory}/rubbish/more`, { recursive: true })
    symlinkSync('not a handle', `${directory}/rubbish/link`)
    writeFileSync(`${directory}/rubbish/file`, 'text')
    writeFileSync(`${directory}/file`, 'text')
    expect(() => SharedMemory.open('rubbish')).toThrow(SharedMemoryNotFoundError)
    expect(() => SharedMemory.open('file')).toThrow(SharedMemoryNotFoundError)
    expect(listNames()).toEqual(['file', block.name])
  })

  test('is not needed for blocks without a given name', () => {
    process.env['MPSERVICE_RUNTIME_DIR'] = '/nonexistent/place'
    using block = SharedMemory.create(8)
    using other = SharedMemory.open(block.name)
    other.buf[0] = 3
    expect(block.buf[0]).toBe(3)
    expect(() => SharedMemory.create(8, { name: 'nowhere' })).toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    )
  })
})

function startHolder(what: object): Promise<Host> {
  return startHost(new URL('./fixtures/holder.js', import.meta.url), {
    args: [JSON.stringify(what)],
  })
}

async function kill(host: Host): Promise<void> {
  host.kill('SIGKILL')
  await host.exited
  await waitUntil(() => !isAlive(host.pid), { what: 'the killed process is gone' })
}

function listNames(): string[] {
  const parent = `${runtime.path}/mpservice-${uid}`
  return readdirSync(parent).flatMap((directory) => readdirSync(`${parent}/${directory}`))
}
