import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ProcessServlet, Server, ThreadServlet } from '@mpservice/server'
import { checkLeaksAfterEach, waitUntil } from '@mpservice/test-support'
import { expect, test } from 'vitest'
import { Debugger } from './fixtures/debugger.js'
import { Stuck } from './fixtures/stuck-workers.js'

checkLeaksAfterEach()

/** Takes the types off, as JavaScript has none. */
const untyped = (value: unknown) => Object(value)

test('inspect gives each worker a debugger port of its own, which debugInfo shows', async () => {
  await using server = await Server.start(new ProcessServlet(Stuck, { cpus: 2, inspect: true }))
  const urls = (): (string | undefined)[] =>
    server.debugInfo().servlet.workers?.map(({ inspectUrl }) => inspectUrl) ?? []
  await waitUntil(() => urls().every((url) => url !== undefined), { what: 'the ports are known' })
  expect(new Set(urls()).size).toBe(2)
  for (const url of urls()) {
    using debug = await Debugger.connect(url)
    expect(await debug.evaluate('process.title.length > 0')).toBe(true)
  }
  expect(await server.call({ do: 'nothing' })).toBe(0)
})

test('a worker that is debugged shows its stack, its port stays open, and its death is seen', async () => {
  await using server = await Server.start(new ProcessServlet(Stuck, { inspect: true }))
  const worker = () => server.debugInfo().servlet.workers?.[0]
  await waitUntil(() => worker()?.inspectUrl !== undefined, { what: 'the port is known' })
  const url = worker()?.inspectUrl
  using debug = await Debugger.connect(url)
  const dying = server.call({ do: 'spin-and-exit', ms: 700 })
  const failed = expect(dying).rejects.toThrow('exited with code 3')
  await waitUntil(
    async () => {
      const info = await server.debugInfo({ stacks: true })
      return info.servlet.workers?.[0]?.stack?.includes('spinInHere') === true
    },
    { what: 'its stack is seen' },
  )
  expect(await debug.evaluate('1 + 1')).toBe(2)
  await failed
  await waitUntil(() => worker()?.inspectUrl !== undefined, { what: 'its successor has a port' })
  expect(worker()?.inspectUrl).not.toBe(url)
})

test('a worker that a developer has stopped shows where, and stays stopped', async () => {
  await using server = await Server.start(new ProcessServlet(Stuck, { inspect: true }))
  const worker = () => server.debugInfo().servlet.workers?.[0]
  await waitUntil(() => worker()?.inspectUrl !== undefined, { what: 'the port is known' })
  using debug = await Debugger.connect(worker()?.inspectUrl)
  const answer = server.call({ do: 'spin', ms: 300 })
  await debug.pause()
  for (let round = 0; round < 2; round++) {
    const info = await server.debugInfo({ stacks: true })
    expect(info.servlet.workers?.[0]?.stack).toMatch(/^ {4}at /)
  }
  expect(debug.isPaused).toBe(true)
  await debug.resume()
  expect(await answer).toBe(true)
})

test("with inspect: 'wait' a worker waits for its debugger, however long that takes", async () => {
  const lines: string[] = []
  const write = process.stderr.write.bind(process.stderr)
  // What children print appears there.
  process.stderr.write = (text: string | Uint8Array) => lines.push(String(text)) > 0
  try {
    const starting = Server.start(new ProcessServlet(Stuck, { inspect: 'wait', startTimeoutMs: 0 }))
    const urlOf = () => /listening on (ws:\S+)/.exec(lines.join(''))?.[1]
    await waitUntil(() => urlOf() !== undefined, { what: 'the port is told' })
    using debug = await Debugger.connect(urlOf())
    await debug.runIfWaiting()
    await using server = await starting
    expect(await server.call({ do: 'nothing' })).toBe(0)
  } finally {
    process.stderr.write = write
  }
})

test('inspect is refused where it means nothing', () => {
  expect(() => new ProcessServlet(Stuck, untyped({ inspect: 9229 }))).toThrow(
    "inspect is 9229: give true, false or 'wait'",
  )
  expect(() => new ThreadServlet(Stuck, untyped({ inspect: true }))).toThrow(
    /^ThreadServlet has no option "inspect": a thread has no debugger port of its own; /,
  )
})

test.each(['--inspect=0', '--inspect-brk=0'])(
  'a main process with %s starts its workers, which have no debugger',
  async (flag) => {
    const main = fileURLToPath(new URL('./fixtures/serves-inspected.js', import.meta.url))
    const env = { ...process.env, NODE_OPTIONS: '--inspect-port=0' }
    const child = spawn(process.execPath, [flag, main], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const exited = once(child, 'exit')
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed += String(chunk)
    })
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += String(chunk)
    })
    const urls = () => [...errors.matchAll(/listening on (ws:\S+)\n/g)].map(([, url]) => url)
    await waitUntil(() => urls().length > 0, { what: 'the main process can be debugged' })
    const debug = await Debugger.connect(urls()[0])
    if (flag.includes('brk')) await debug.startFromFirstLine()
    await waitUntil(() => printed !== '', { what: 'it has done its work' })
    // Not before: Node 20 may crash when a debugger leaves while threads start or end.
    debug[Symbol.dispose]()
    const [code]: unknown[] = await exited
    expect([printed, code]).toEqual(['42 42\n', 0])
    expect(urls()).toHaveLength(1)
  },
)
