import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { type InstalledTree, readInstalledTree } from './installed-tree.ts'
import type { Tarball } from './pack-packages.ts'
import { type ProgramEnd, runProgram } from './run-program.ts'

/** Who installs. */
export type PackageManager = 'npm' | 'pnpm'

/** What is installed, and how. */
export interface InstallRequest {
  readonly manager: PackageManager
  /** The manager's name on the path, or where it is. */
  readonly program: string
  /** The project's folder; it is made, and must lie outside the repository. */
  readonly folder: string
  /** What the project asks for. */
  readonly wanted: readonly Tarball[]
  /** What stands for packages that are wanted by others, since the registry has none of ours. */
  readonly available: readonly Tarball[]
  readonly omitsOptional?: boolean
}

/** How the manager has ended, and what the project has now. */
export interface Installation extends ProgramEnd, InstalledTree {}

const commands = {
  npm: { add: 'install', omitOptional: '--omit=optional' },
  pnpm: { add: 'add', omitOptional: '--no-optional' },
} as const

/** Makes a project and installs packed packages in it, with the settings that a manager comes with. */
export async function installInProject(request: InstallRequest): Promise<Installation> {
  const { manager, program, folder, wanted, omitsOptional = false } = request
  await mkdir(folder)
  await describeProject(request)
  const { add, omitOptional } = commands[manager]
  const paths = wanted.map(({ path }) => relative(folder, path))
  const options = omitsOptional ? [omitOptional] : []
  const end = await runProgram(program, [add, ...options, ...paths], folder)
  return { ...end, ...(await readInstalledTree(folder)) }
}

async function describeProject({
  manager,
  folder,
  wanted,
  available,
}: InstallRequest): Promise<void> {
  const project = { private: true, type: 'module' }
  if (manager === 'pnpm') {
    await writeJson(join(folder, 'package.json'), project)
    // JSON is YAML, too.
    const overrides = overridesFor(available, folder)
    return writeJson(join(folder, 'pnpm-workspace.yaml'), { overrides })
  }
  // npm takes what the project itself wants for its dependencies, too, and accepts no override of it.
  const others = available.filter(({ name }) => wanted.every((tarball) => tarball.name !== name))
  return writeJson(join(folder, 'package.json'), {
    ...project,
    overrides: overridesFor(others, folder),
  })
}

function overridesFor(tarballs: readonly Tarball[], folder: string): Record<string, string> {
  const entries = tarballs.map(({ name, path }) => [name, `file:${relative(folder, path)}`])
  return Object.fromEntries(entries)
}

function writeJson(path: string, data: object): Promise<void> {
  return writeFile(path, `${JSON.stringify(data, undefined, 2)}\n`)
}
