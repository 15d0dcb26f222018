import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Echo } from './own/workers.ts'
import { median, quantile } from './quantile.ts'

/*
 * Compares the CPU time per call of two builds of the server:
 * node compare-builds-main.js <folder of a build> <folder of another> [processes] [kind] [first]
 */

type Build = typeof import('@mpservice/server')
type Kind = (typeof kinds)[number]

const kinds = ['process', 'thread', 'async'] as const
const inFlight = 64
const warmUpMs = 200
const roundMs = 20
const rounds = 60
/** Calls between two looks at the clock. */
const callsTogether = 20

const [before = '', after = '', launches = '8', kind, first = '0'] = process.argv.slice(2)
if (kind === undefined) compareAll(Number(launches))
else await compareHere(asKind(kind), Number(first))

function asKind(text: string): Kind {
  const found = kinds.find((each) => each === text)
  if (found === undefined) throw new RangeError(`there is no kind ${text}`)
  return found
}

function compareAll(processes: number): void {
  for (const each of kinds) {
    const quotients = Array.from({ length: processes }, (_, launch) => {
      const args = [before, after, launches, each, String(launch % 2)]
      return Number(execFileSync(process.execPath, [fileURLToPath(import.meta.url), ...args]))
    }).toSorted((a, b) => a - b)
    const [low, middle, high] = [0.25, 0.5, 0.75].map((share) =>
      quantile(quotients, share).toFixed(3),
    )
    console.log(`${each}: ${middle} (${low} to ${high})`)
  }
}

/** Prints the median quotient of one process. */
async function compareHere(of: Kind, starter: number): Promise<void> {
  const builds = [await load(before), await load(after)]
  // What is started, or compiled, first may fare better.
  if (starter === 1) builds.reverse()
  const servers = await Promise.all(builds.map((build) => startServer(build, of)))
  const [a, b] = servers
  if (a === undefined || b === undefined) throw new Error('no servers')
  for (let i = 0; i < 8; i++) for (const each of servers) await measure(each, warmUpMs)
  const quotients: number[] = []
  for (let i = 0; i < rounds; i++) {
    const isTurned = i % 2 === 1
    const one = await measure(isTurned ? b : a, roundMs)
    const other = await measure(isTurned ? a : b, roundMs)
    quotients.push(isTurned === (starter === 1) ? other / one : one / other)
  }
  console.log(median(quotients))
  await Promise.all(servers.map((each) => each.close()))
}

async function load(folder: string): Promise<Build> {
  // What is compared is given by whoever runs this.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (await import(pathToFileURL(resolve(folder, 'index.js')).href)) as Build
}

function startServer(build: Build, of: Kind) {
  const { AsyncServlet, makeWorker, ProcessServlet, Server, ThreadServlet } = build
  if (of === 'process') return Server.start(new ProcessServlet(Echo, { cpus: 2 }))
  if (of === 'thread') return Server.start(new ThreadServlet(Echo, { threads: 2 }))
  return Server.start(new AsyncServlet(makeWorker((x: unknown) => x)))
}

/** The CPU time of a call in this process, in microseconds. */
async function measure(
  server: { call(input: unknown): Promise<unknown> },
  lengthMs: number,
): Promise<number> {
  let calls = 0
  const end = performance.now() + lengthMs
  const callInARow = async (): Promise<void> => {
    do {
      for (let i = 0; i < callsTogether; i++) await server.call(i)
      calls += callsTogether
    } while (performance.now() < end)
  }
  const spent = process.cpuUsage()
  await Promise.all(Array.from({ length: inFlight }, callInARow))
  const { user, system } = process.cpuUsage(spent)
  return (user + system) / calls
}
