import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runProgram } from './run-program.ts'

/** A package as it would be published. */
export interface Tarball {
  readonly name: string
  /** The absolute path of the file. */
  readonly path: string
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The names of the packages of this repository that are published. */
export function publicPackages(): string[] {
  return readdirSync(`${root}packages`).flatMap((folder) => {
    const manifest: unknown = JSON.parse(
      readFileSync(`${root}packages/${folder}/package.json`, 'utf8'),
    )
    if (!isObject(manifest) || typeof manifest['name'] !== 'string') return []
    return manifest['private'] === true ? [] : [manifest['name']]
  })
}

/**
 * Packs the packages with pnpm into a folder, as they have been built.
 *
 * @throws {Error} When pnpm cannot; the message is what it wrote.
 */
export async function packPackages(
  names: readonly string[],
  { folder, pnpm }: { readonly folder: string; readonly pnpm: string },
): Promise<Tarball[]> {
  const filters = names.flatMap((name) => ['--filter', name])
  const pack = ['--recursive', ...filters, 'pack', '--json', '--pack-destination', folder]
  const { exitCode, stdout, stderr } = await runProgram(pnpm, pack, root)
  if (exitCode !== 0) throw new Error(`pnpm pack: exit code ${exitCode}\n${stdout}\n${stderr}`)
  const packed: unknown = JSON.parse(stdout)
  return (Array.isArray(packed) ? packed : [packed]).map(readTarball)
}

function readTarball(packed: unknown): Tarball {
  if (isObject(packed)) {
    const { name, filename: path } = packed
    if (typeof name === 'string' && typeof path === 'string') return { name, path }
  }
  throw new TypeError(`pnpm pack told of no tarball: ${JSON.stringify(packed)}`)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
