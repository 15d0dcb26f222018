import { copyFile, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPnpm } from '../src/find-pnpm.ts'
import { installInProject, type PackageManager } from '../src/install-in-project.ts'
import { packPackages, publicPackages, type Tarball } from '../src/pack-packages.ts'
import { runProgram } from '../src/run-program.ts'

/** Downloads take what they take. */
const timeoutMs = 180_000
const hasNativePackage =
  ['linux', 'darwin'].includes(process.platform) && ['x64', 'arm64'].includes(process.arch)
const isSwitchedOff = process.env['MPSERVICE_NO_NATIVE'] === '1'
const managers = ['npm', 'pnpm'] as const
const names = publicPackages()

let base: string
let programs: Readonly<Record<PackageManager, string>>
let tarballs: readonly Tarball[]

beforeAll(async () => {
  // Paths of users have spaces in them.
  base = await realpath(await mkdtemp(join(tmpdir(), 'install test-')))
  await mkdir(join(base, 'tarballs'))
  const pnpm = await findPnpm(base)
  programs = { npm: 'npm', pnpm }
  tarballs = await packPackages(names, { folder: join(base, 'tarballs'), pnpm })
}, timeoutMs)

afterAll(() => rm(base, { recursive: true, force: true, maxRetries: 3 }))

test('packs every public package', () => {
  expect(tarballs.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
})

describe.each(managers)('%s', (manager) => {
  test.concurrent.each(names)(
    'installs %s alone, without scripts',
    { timeout: timeoutMs },
    async (name) => {
      const wanted = tarballs.filter((tarball) => tarball.name === name)
      const folder = await install(manager, name.replaceAll('/', '-'), wanted)
      const program = `console.log(Object.keys(await import('${name}')).length > 0)`
      const args = ['--input-type=module', '--eval', program]
      expect(await runProgram(process.execPath, args, folder)).toEqual({
        exitCode: 0,
        stdout: 'true\n',
        stderr: '',
      })
    },
  )

  test.concurrent(
    'installs all packages together, and they work',
    { timeout: timeoutMs },
    async () => {
      const folder = await install(manager, 'all', tarballs)
      expect(await usePackages(folder)).toEqual({
        sum: 5,
        small: [2, 3],
        isLargeRight: true,
        hasSharedMemory: hasNativePackage && !isSwitchedOff,
      })
    },
  )

  test.concurrent(
    'installs no optional packages when told so, and only shared memory is missing',
    { timeout: timeoutMs },
    async () => {
      const folder = await install(manager, 'required', tarballs, true)
      expect(await usePackages(folder)).toEqual({
        sum: 5,
        small: [2, 3],
        isLargeRight: true,
        hasSharedMemory: false,
      })
    },
  )

  test.concurrent(
    'would be seen to install a package with a script',
    { timeout: timeoutMs },
    async () => {
      const folder = join(base, `${manager}-script`)
      await mkdir(folder)
      const manifest = { name: 'scripted', version: '1.0.0', scripts: { postinstall: 'node -v' } }
      await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
      await runProgram('npm', ['pack'], folder)
      const scripted = { name: 'scripted', path: join(folder, 'scripted-1.0.0.tgz') }
      const installation = await installInProject({
        manager,
        program: programs[manager],
        folder: join(folder, 'project'),
        wanted: [scripted],
        available: [scripted],
      })
      expect(installation.scripts).toEqual(['scripted postinstall'])
    },
  )
})

/** Installs packages as a user does, and expects that no script was run, offered or missed. */
async function install(
  manager: PackageManager,
  project: string,
  wanted: readonly Tarball[],
  omitsOptional = false,
): Promise<string> {
  const folder = join(base, `${manager}-${project}`)
  const program = programs[manager]
  const request = { manager, program, folder, wanted, available: tarballs, omitsOptional }
  const { exitCode, stdout, stderr, packages, scripts } = await installInProject(request)
  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 })
  expect(packages).toEqual(expect.arrayContaining(wanted.map(({ name }) => name)))
  expect(scripts).toEqual([])
  expect(`${stdout}\n${stderr}`).not.toMatch(
    /install.?scripts|build scripts|approve-builds|node-gyp/i,
  )
  return folder
}

async function usePackages(folder: string): Promise<unknown> {
  const program = fileURLToPath(new URL('./fixtures/use-packages.js', import.meta.url))
  await copyFile(program, join(folder, 'use-packages.js'))
  const end = await runProgram(process.execPath, ['use-packages.js'], folder)
  expect(end).toMatchObject({ exitCode: 0, stderr: '' })
  return JSON.parse(end.stdout)
}
