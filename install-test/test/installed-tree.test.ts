import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readInstalledTree } from '../src/installed-tree.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tree-'))
})

afterEach(() => rm(folder, { recursive: true }))

async function addPackage(path: string, manifest: object, files: readonly string[] = []) {
  const root = join(folder, path)
  await mkdir(root, { recursive: true })
  await writeFile(join(root, 'package.json'), JSON.stringify(manifest))
  for (const file of files) await writeFile(join(root, file), '{}')
}

test('finds packages wherever they are, and what would run at their installation', async () => {
  await addPackage('node_modules/plain', { name: 'plain', scripts: { test: 'x', prepare: 'x' } })
  await addPackage('node_modules/@a/b', { name: '@a/b', scripts: { preinstall: 'x' } })
  await addPackage('node_modules/plain/node_modules/c', { name: 'c', scripts: { install: 'x' } })
  const stored = 'node_modules/.pnpm/d@1.0.0/node_modules/d'
  await addPackage(stored, { name: 'd', scripts: { postinstall: 'x' } })
  await symlink(join(folder, stored), join(folder, 'node_modules/d'))
  expect(await readInstalledTree(folder)).toEqual({
    packages: ['@a/b', 'c', 'd', 'plain'],
    scripts: ['d postinstall', '@a/b preinstall', 'c install'],
  })
})

test('knows that npm builds what has a binding.gyp, unless it is told not to', async () => {
  await addPackage('node_modules/built', { name: 'built' }, ['binding.gyp'])
  await addPackage('node_modules/ready', { name: 'ready', gypfile: false }, ['binding.gyp'])
  expect((await readInstalledTree(folder)).scripts).toEqual(['built binding.gyp'])
})

test('leaves manifests alone that are not those of installed packages', async () => {
  await addPackage('.', { name: 'project', scripts: { install: 'x' } })
  await addPackage('node_modules/plain', { name: 'plain' })
  await addPackage('node_modules/plain/test', { name: 'within', scripts: { install: 'x' } })
  expect(await readInstalledTree(folder)).toEqual({ packages: ['plain'], scripts: [] })
})
