import { expect, test } from 'vitest'
import { encodeHeader, frameKind, plainHeader } from '../src/channel/frame.ts'

test.each([
  [0, 0x00],
  [127, 0x7f],
  [-1, 0xff],
  [-128, 0x80],
])('a header with priority %i has 0x%x as byte 28', (priority, byte) => {
  const header = encodeHeader({ ...plainHeader(frameKind.task, 1), priority })
  expect([...header.subarray(24)]).toEqual([0, 0, 0, 0, byte, 0, 0, 0])
})
