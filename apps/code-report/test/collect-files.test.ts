import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { collectFiles } from '../src/collect-files.ts'
import { collectRepository } from '../src/collect-repository.ts'
import { prepareReportFolder } from '../src/report-folder.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('finds the files of known languages in the order of their paths', async () => {
  await using folder = await temporaryFolder({
    'b.ts': 'let b',
    'B.ts': '',
    'a/z.md': '# z',
    'a-b.css': '',
    'logo.png': '',
    LICENSE: '',
  })
  expect(await collectFiles(folder.path)).toEqual({
    entries: [
      entry(0, 'B.ts', 0, 'TypeScript'),
      entry(1, 'a-b.css', 0, 'CSS'),
      entry(2, 'a/z.md', 3, 'Markdown'),
      entry(3, 'b.ts', 5, 'TypeScript'),
    ],
    ignoredFiles: 2,
    unreadableFolders: [],
  })

  function entry(index: number, path: string, sizeBytes: number, language: string) {
    return { index, path, absolutePath: join(folder.path, path), sizeBytes, language }
  }
})

test('enters no dependencies, builds, version control and reports, and follows no links', async () => {
  await using folder = await temporaryFolder({
    'src/a.ts': '',
    'node_modules/x/a.ts': '',
    'dist/a.js': '',
    '.git/config.ini': '',
    'packages/p/dist/a.js': '',
    'packages/p/src/dist.ts': '',
  })
  await prepareReportFolder(join(folder.path, 'report'))
  await symlink(folder.path, join(folder.path, 'loop'))
  await symlink(join(folder.path, 'src/a.ts'), join(folder.path, 'link.ts'))
  const paths = (await collectFiles(folder.path)).entries.map(({ path }) => path)
  expect(paths).toEqual(['packages/p/src/dist.ts', 'src/a.ts'])
})

test('says which folder it cannot list', async () => {
  await using folder = await temporaryFolder()
  const missing = join(folder.path, 'missing')
  expect(await collectFiles(missing)).toEqual({
    entries: [],
    ignoredFiles: 0,
    unreadableFolders: [`.: ENOENT: no such file or directory, scandir '${missing}'`],
  })
})

test('takes the packages that a repository depends on directly', async () => {
  const text = 'x'.repeat(512)
  await using folder = await temporaryFolder({
    'package.json': '{}',
    'node_modules/.pnpm/dep@1.0.0/node_modules/dep/dist/index.js': text,
    'node_modules/.pnpm/dep@1.0.0/node_modules/dep/dist/index.d.ts': text,
    'node_modules/.pnpm/dep@1.0.0/node_modules/dep/src/index.ts': text,
    'node_modules/.pnpm/dep@1.0.0/node_modules/dep/small.js': 'x'.repeat(511),
    'node_modules/.pnpm/dep@1.0.0/node_modules/dep/large.js': 'x'.repeat(256 * 1024 + 1),
    'node_modules/.pnpm/dep@1.0.0/node_modules/inner/index.js': text,
    'node_modules/.pnpm/@s+scoped@1.0.0/node_modules/@s/scoped/lib.mjs': text,
    'packages/own/src/own.ts': text,
  })
  const store = join(folder.path, 'node_modules/.pnpm')
  await mkdir(join(folder.path, 'packages/own/node_modules/@s'), { recursive: true })
  await symlink(join(store, 'dep@1.0.0/node_modules/dep'), join(folder.path, 'node_modules/dep'))
  await symlink(join(folder.path, 'packages/own'), join(folder.path, 'node_modules/own'))
  await symlink(join(folder.path, 'gone'), join(folder.path, 'node_modules/gone'))
  await symlink(
    join(store, '@s+scoped@1.0.0/node_modules/@s/scoped'),
    join(folder.path, 'packages/own/node_modules/@s/scoped'),
  )
  const { entries, ignoredFiles } = await collectRepository(folder.path)
  expect({ paths: entries.map(({ path }) => path), ignoredFiles }).toEqual({
    paths: [
      'node_modules/@s/scoped/lib.mjs',
      'node_modules/dep/dist/index.d.ts',
      'node_modules/dep/dist/index.js',
      'package.json',
      'packages/own/src/own.ts',
    ],
    ignoredFiles: 3,
  })
  expect(entries.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4])
})
