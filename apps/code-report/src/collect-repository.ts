import { readdir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { type Collection, collectFiles, inOrder } from './collect-files.ts'
import type { SourceEntry } from './source-file.ts'

/** What is taken of a dependency: JavaScript and declarations within these sizes. */
const dependencySource = /\.(?:d\.ts|d\.mts|d\.cts|js|mjs|cjs)$/
const minDependencyFileBytes = 512
const maxDependencyFileBytes = 256 * 1024
/** At most so many files of dependencies, the first ones in order. */
const maxDependencyFiles = 2000

/**
 * Finds the source files of a pnpm repository and of the packages that it depends on directly.
 *
 * The repository's own files come as `collectFiles` finds them. The packages are those that are
 * linked in its `node_modules` folders (of the root, of `packages/*`, `apps/*` and `benchmarks`) and
 * installed below the root's `node_modules/.pnpm`; of each come the JavaScript files and type
 * declarations from 512 bytes to 256 KiB, at most 2000 in all, under `node_modules/<package>/…`.
 */
export async function collectRepository(root: string): Promise<Collection> {
  const own = await collectFiles(root)
  const fromPackages: SourceEntry[] = []
  let ignoredFiles = own.ignoredFiles
  for (const [name, folder] of await directDependencies(root)) {
    const collection = await collectFiles(folder, {
      prefix: `node_modules/${name}/`,
      entersBuilds: true,
      filter: (path, sizeBytes) =>
        dependencySource.test(path) &&
        sizeBytes >= minDependencyFileBytes &&
        sizeBytes <= maxDependencyFileBytes,
    })
    fromPackages.push(...collection.entries)
    ignoredFiles += collection.ignoredFiles
  }
  const taken = inOrder(fromPackages).slice(0, maxDependencyFiles)
  return {
    entries: inOrder([...own.entries, ...taken]),
    ignoredFiles: ignoredFiles + fromPackages.length - taken.length,
    unreadableFolders: own.unreadableFolders,
  }
}

async function directDependencies(root: string): Promise<Map<string, string>> {
  const members = await Promise.all(
    ['packages', 'apps'].map(async (group) =>
      (await namesIn(join(root, group))).map((name) => join(root, group, name)),
    ),
  )
  const found = new Map<string, string>()
  const store = join(await realpath(root), 'node_modules', '.pnpm') + sep
  for (const member of [root, join(root, 'benchmarks'), ...members.flat()]) {
    for (const name of await linkedPackages(join(member, 'node_modules'))) {
      const folder = await targetOf(join(member, 'node_modules', name))
      if (folder?.startsWith(store) && !found.has(name)) found.set(name, folder)
    }
  }
  return found
}

async function linkedPackages(nodeModules: string): Promise<string[]> {
  const names = (await namesIn(nodeModules)).filter((name) => !name.startsWith('.'))
  const expanded = await Promise.all(
    names.map(async (name) =>
      name.startsWith('@')
        ? (await namesIn(join(nodeModules, name))).map((inner) => `${name}/${inner}`)
        : [name],
    ),
  )
  return expanded.flat()
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted()
  } catch {
    return []
  }
}

async function targetOf(link: string): Promise<string | undefined> {
  try {
    return await realpath(link)
  } catch {
    return undefined
  }
}
