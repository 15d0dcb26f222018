import { EventEmitter, once } from 'node:events'
import { expect, test } from 'vitest'
import { formatBar, formatProgress, Progress } from '../src/progress.ts'

const state = {
  doneFiles: 30,
  totalFiles: 100,
  doneBytes: 250,
  totalBytes: 1000,
  failedFiles: 0,
  elapsedMs: 2000,
}

test('tells share, files, rate and the time that is left by bytes', () => {
  expect(formatProgress(state)).toBe(' 25 % · 30/100 files · 15/s · 6.0 s left')
})

test('tells errors, and no time that is left at the beginning and at the end', () => {
  expect(formatProgress({ ...state, doneFiles: 1, doneBytes: 1, failedFiles: 1 })).toBe(
    '  0 % · 1/100 files · 0.5/s · 1 error',
  )
  expect(formatProgress({ ...state, doneFiles: 100, doneBytes: 1000, failedFiles: 2 })).toBe(
    '100 % · 100/100 files · 50/s · 2 errors',
  )
})

test('is not confused by no files and by empty files', () => {
  const nothing = { ...state, doneFiles: 0, totalFiles: 0, doneBytes: 0, totalBytes: 0 }
  expect(formatProgress({ ...nothing, elapsedMs: 0 })).toBe('100 % · 0/0 files · 0.0/s')
  expect(formatProgress({ ...nothing, doneFiles: 1, totalFiles: 2 })).toBe(
    ' 50 % · 1/2 files · 0.5/s · 2.0 s left',
  )
})

test('draws a bar', () => {
  expect(formatBar(state)).toBe('██████░░░░░░░░░░░░░░░░░░  25 % · 30/100 files · 15/s · 6.0 s left')
  expect(formatBar({ ...state, doneBytes: 270 }).slice(0, 24)).toBe('██████▌░░░░░░░░░░░░░░░░░')
})

test('redraws its line on a terminal, no longer than it is wide, and removes it at the end', async () => {
  const written: string[] = []
  const events = new EventEmitter()
  const target = {
    isTTY: true,
    columns: 20,
    write: (text: string) => {
      written.push(text)
      events.emit('write')
    },
  }
  const progress = new Progress(target, { totalFiles: 2, totalBytes: 10 })
  progress.add({ sizeBytes: 5, isFailed: true })
  await once(events, 'write')
  progress.close()
  expect([written[0], written.at(-1)]).toEqual(['\r\u001B[2K████████████░░░░░░░', '\r\u001B[2K'])
})

test('writes lines where there is no terminal', async () => {
  const written: string[] = []
  const events = new EventEmitter()
  const target = {
    write: (text: string) => {
      written.push(text)
      events.emit('write')
    },
  }
  const progress = new Progress(target, { totalFiles: 2, totalBytes: 10 })
  await once(events, 'write')
  progress.close()
  expect(written).toEqual(['  0 % · 0/2 files · 0.0/s\n'])
})
