import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a tree of installed packages consists of. */
export interface InstalledTree {
  /** The packages' names, in order, each once. */
  readonly packages: readonly string[]
  /** What would run when they are installed: `name script` for each script. */
  readonly scripts: readonly string[]
}

const scriptNames = ['preinstall', 'install', 'postinstall'] as const
const isPackageRoot = /[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/@.][^\\/]*$/

/** Reads the manifests of all packages below the `node_modules` of a folder, also of nested ones. */
export async function readInstalledTree(folder: string): Promise<InstalledTree> {
  const packages = new Set<string>()
  const scripts: string[] = []
  for (const root of (await packageRoots(folder)).toSorted()) {
    const path = join(root, 'package.json')
    const manifest: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (!isObject(manifest)) throw new TypeError(`${path} is no manifest`)
    const name = String(manifest['name'])
    packages.add(name)
    for (const script of await scriptsOf(manifest, root)) scripts.push(`${name} ${script}`)
  }
  return { packages: [...packages].toSorted(), scripts }
}

/** The folders of packages below a folder. Links are not followed: they lead to others of these. */
async function packageRoots(folder: string): Promise<string[]> {
  const roots: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const path = join(folder, entry.name)
    if (isPackageRoot.test(path) && (await exists(join(path, 'package.json')))) roots.push(path)
    roots.push(...(await packageRoots(path)))
  }
  return roots
}

async function scriptsOf(
  manifest: Readonly<Record<string, unknown>>,
  folder: string,
): Promise<string[]> {
  const { scripts } = manifest
  const named = scriptNames.filter((script) => isObject(scripts) && script in scripts)
  // npm builds what has this file, though no script says so.
  const isBuilt = manifest['gypfile'] !== false && (await exists(join(folder, 'binding.gyp')))
  return isBuilt ? [...named, 'binding.gyp'] : named
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
