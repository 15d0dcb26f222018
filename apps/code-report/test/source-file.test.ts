import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  BinaryFileError,
  FileTooLargeError,
  maxFileBytes,
  readSource,
  type SourceEntry,
} from '../src/source-file.ts'
import { temporaryFolder } from './temporary-folder.ts'

function entry(folder: string, path: string, sizeBytes = 1): SourceEntry {
  return { index: 3, path, absolutePath: join(folder, path), sizeBytes, language: 'Text' }
}

test('reads text without its byte order mark and replaces what is no UTF-8', async () => {
  await using folder = await temporaryFolder({
    'a.txt': Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff, 0xc3, 0xa4]),
  })
  expect(await readSource(entry(folder.path, 'a.txt'))).toEqual({
    index: 3,
    path: 'a.txt',
    language: 'Text',
    sizeBytes: 7,
    text: 'a\uFFFDä',
  })
})

test('refuses binary files', async () => {
  await using folder = await temporaryFolder({ 'a.txt': 'ab\u0000c' })
  const failure = readSource(entry(folder.path, 'a.txt'))
  await expect(failure).rejects.toThrow(new BinaryFileError('a.txt', 2))
  await expect(failure).rejects.toThrow('a.txt is not text: byte 2 is zero')
})

test('refuses large files without reading them', async () => {
  const failure = readSource(entry('/nowhere', 'a.txt', maxFileBytes + 1))
  await expect(failure).rejects.toThrow(
    new FileTooLargeError('a.txt', { sizeBytes: maxFileBytes + 1, maxFileBytes }),
  )
})

test('passes on errors of the file system', async () => {
  await using folder = await temporaryFolder({ 'd/x': '' })
  await expect(readSource(entry(folder.path, 'd'))).rejects.toMatchObject({ code: 'EISDIR' })
  await expect(readSource(entry(folder.path, 'gone'))).rejects.toMatchObject({ code: 'ENOENT' })
})
