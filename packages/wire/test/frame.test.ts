import { createCodec, encodeFrame, frameHeaderBytes, writeFrameHeader } from '@mpservice/wire'
import { describe, expect, test } from 'vitest'

describe('encodeFrame', () => {
  test('gives the length, little-endian, and the payload', () => {
    expect(encodeFrame(Buffer.from('ab'))).toEqual(Buffer.of(2, 0, 0, 0, 0x61, 0x62))
    expect(encodeFrame(new Uint8Array(0x1020)).subarray(0, 5)).toEqual(
      Buffer.of(0x20, 0x10, 0, 0, 0),
    )
  })

  test('puts the parts of a payload together', () => {
    const parts = [Buffer.from('a'), new Uint8Array(0), Uint8Array.of(0x62, 0x63)]
    expect(encodeFrame(parts)).toEqual(Buffer.of(3, 0, 0, 0, 0x61, 0x62, 0x63))
    expect(encodeFrame([])).toEqual(Buffer.of(0, 0, 0, 0))
  })

  test('refuses a payload over the limit, to the byte', () => {
    const options = { maxFrameBytes: 10 }
    expect(encodeFrame(Buffer.alloc(10), options)).toHaveLength(14)
    expect(() => encodeFrame(Buffer.alloc(11), options)).toThrow(
      'a frame of 11 bytes or more is over the limit of 10 bytes',
    )
    const parts = [Buffer.alloc(6), Buffer.alloc(5)]
    expect(() => encodeFrame(parts, options)).toThrow('a frame of 11 bytes')
  })

  test('allows a remote peer 16 MiB and a child 1 GiB by default', () => {
    const large = Buffer.alloc(16 * 1024 ** 2 + 1)
    expect(() => encodeFrame(large)).toThrow('over the limit of 16777216 bytes')
    expect(encodeFrame(large, { peer: 'child' })).toHaveLength(large.length + 4)
  })
})

describe('writeFrameHeader', () => {
  test('makes a frame of an encoded value without a copy', () => {
    const frame = createCodec({ peer: 'child' }).encodeAfter(frameHeaderBytes, 'x')
    expect(writeFrameHeader(frame)).toBe(4)
    expect(frame).toEqual(encodeFrame(Buffer.of(0xa1, 0x78)))
  })
})
