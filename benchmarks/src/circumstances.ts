import { readFile } from 'node:fs/promises'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

/** Where and with what a run took place. */
export interface Circumstances {
  readonly machine: Machine
  /** What was measured, by the names of packages. */
  readonly versions: Readonly<Record<string, string>>
}

interface Machine {
  readonly node: string
  readonly platform: string
  readonly cpu: string
  readonly cpus: number
  /** Of the last minute, 5 and 15 minutes. */
  readonly loadAverage: readonly number[]
}

/** Those of this process. */
export async function currentCircumstances(): Promise<Circumstances> {
  return {
    machine: {
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
      cpus: availableParallelism(),
      loadAverage: loadavg(),
    },
    versions: await versions(),
  }
}

/** This package pins those of other libraries; our own is said by its own manifest. */
async function versions(): Promise<Record<string, string>> {
  const { dependencies } = await readManifest(new URL('../package.json', import.meta.url))
  const server = await readManifest(new URL(import.meta.resolve('@mpservice/server/package.json')))
  const pinned = Object.entries(dependencies ?? {}).map(([name, version]) => [
    name,
    name === '@mpservice/server' ? String(server.version) : String(version),
  ])
  return Object.fromEntries(pinned)
}

async function readManifest(url: URL): Promise<{ version?: unknown; dependencies?: object }> {
  const manifest: unknown = JSON.parse(await readFile(fileURLToPath(url), 'utf8'))
  if (isObject(manifest)) return manifest
  throw new TypeError(`${url.href} is no manifest`)
}

function isObject(value: unknown): value is { version?: unknown; dependencies?: object } {
  return typeof value === 'object' && value !== null
}
