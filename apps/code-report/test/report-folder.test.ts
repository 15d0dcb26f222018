import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { UsageError } from '../src/options.ts'
import { prepareReportFolder } from '../src/report-folder.ts'
import { temporaryFolder } from './temporary-folder.ts'

test('makes a folder, and empties it for the next report', async () => {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'a/b')
  expect(await prepareReportFolder(path)).toBe(path)
  await writeFile(join(path, 'files/old.html'), 'old')
  await writeFile(join(path, 'index.html'), 'old')
  await writeFile(join(path, 'mine.txt'), 'kept')
  await prepareReportFolder(path)
  const names = await readdir(path, { recursive: true })
  expect(names.toSorted()).toEqual(['.code-report', 'files', 'mine.txt'])
})

test('never touches a folder with other content', async () => {
  await using folder = await temporaryFolder({ 'index.html': 'mine' })
  await expect(prepareReportFolder(folder.path)).rejects.toThrow(
    new UsageError(
      `${folder.path} exists and holds something else than a code report; name another folder with --out`,
    ),
  )
  expect(await readdir(folder.path)).toEqual(['index.html'])
})

test('refuses what is no folder with the reason', async () => {
  await using folder = await temporaryFolder({ file: '' })
  const path = join(folder.path, 'file')
  await expect(prepareReportFolder(path)).rejects.toThrow(
    new UsageError(`${path} cannot hold the report: EEXIST: file already exists, mkdir '${path}'`),
  )
})
