import { encodeFrame, FrameDecoder, FrameTooLargeError } from '@mpservice/wire'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const payloads = ['one', '', 'three', 'x'.repeat(300), ''].map((text) => Buffer.from(text))
const stream = Buffer.concat(payloads.map((payload) => encodeFrame(payload)))

describe('push', () => {
  test('gives the same payloads for every cut of a stream in two', () => {
    for (let cut = 0; cut <= stream.length; cut++) {
      const decoder = new FrameDecoder()
      const first = decoder.push(stream.subarray(0, cut))
      const second = decoder.push(stream.subarray(cut))
      expect([...first, ...second].map(String)).toEqual(payloads.map(String))
      expect(decoder.partialBytes).toBe(0)
    }
  })

  test('gives the same payloads for every cut of a stream', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.array(fc.nat(9)), (all, cuts) => {
        const decoder = new FrameDecoder()
        const bytes = Buffer.concat(all.map((payload) => encodeFrame(payload)))
        const got: Uint8Array[] = []
        let position = 0
        for (const size of [...cuts, bytes.length]) {
          got.push(...decoder.push(bytes.subarray(position, position + size)))
          position += size
        }
        expect(got.map((payload) => Buffer.from(payload))).toEqual(
          all.map((one) => Buffer.from(one)),
        )
        expect(decoder.partialBytes).toBe(0)
      }),
      { numRuns: 1000 },
    )
  })

  test('gives the payloads of slices of one byte', () => {
    const decoder = new FrameDecoder()
    const got: string[] = []
    for (const byte of stream) got.push(...decoder.push(Buffer.of(byte)).map(String))
    expect(got).toEqual(payloads.map(String))
  })

  test('gives views where a frame lies in one chunk, and memory of its own where not', () => {
    const decoder = new FrameDecoder()
    const chunk = encodeFrame(Buffer.from('whole'))
    const [whole] = decoder.push(chunk)
    expect(whole?.buffer).toBe(chunk.buffer)
    decoder.push(chunk.subarray(0, 6))
    const [pieced] = decoder.push(chunk.subarray(6))
    chunk.fill(0)
    expect(Buffer.from(whole ?? [])).toEqual(Buffer.alloc(5))
    expect(String(pieced)).toBe('whole')
  })

  test('puts a large payload together from many chunks', () => {
    const payload = Buffer.alloc(20 * 1024 * 1024)
    for (let i = 0; i < payload.length; i += 4096) payload.writeUInt32LE(i, i)
    const frame = encodeFrame(payload, { peer: 'child' })
    const decoder = new FrameDecoder({ peer: 'child' })
    const got: Uint8Array[] = []
    for (let i = 0; i < frame.length; i += 65_536) {
      got.push(...decoder.push(frame.subarray(i, i + 65_536)))
    }
    expect(got.map((one) => payload.equals(one))).toEqual([true])
  })
})

describe('partialBytes', () => {
  test('counts what is held of an incomplete frame, with its header', () => {
    const decoder = new FrameDecoder()
    const frame = encodeFrame(Buffer.from('abc'))
    const counts = [...frame].map((byte) => {
      decoder.push(Buffer.of(byte))
      return decoder.partialBytes
    })
    expect(counts).toEqual([1, 2, 3, 4, 5, 6, 0])
  })
})

describe('a frame over the limit', () => {
  test('is refused when its header is there, to the byte', () => {
    const largest = encodeFrame(Buffer.alloc(100))
    expect(new FrameDecoder({ maxFrameBytes: 100 }).push(largest)).toHaveLength(1)
    const decoder = new FrameDecoder({ maxFrameBytes: 99 })
    const facts = { code: 'FRAME_TOO_LARGE', bytes: 100, maxFrameBytes: 99 }
    expect(errorOf(() => decoder.push(largest.subarray(0, 4)))).toMatchObject(facts)
    expect(decoder.failure).toMatchObject(facts)
    expect(errorOf(() => decoder.push(Buffer.of(0)))).toBe(decoder.failure)
  })

  test('is refused when its header comes byte by byte', () => {
    const decoder = new FrameDecoder({ maxFrameBytes: 99 })
    expect(decoder.push(Buffer.of(100))).toEqual([])
    expect(decoder.push(Buffer.of(0, 0))).toEqual([])
    expect(() => decoder.push(Buffer.of(0))).toThrow(FrameTooLargeError)
  })

  test('does not take the complete ones before it with it', () => {
    const decoder = new FrameDecoder({ maxFrameBytes: 10 })
    const good = encodeFrame(Buffer.from('good'))
    const bad = Buffer.of(0xff, 0xff, 0xff, 0xff)
    expect(decoder.push(Buffer.concat([good, bad])).map(String)).toEqual(['good'])
    expect(decoder.failure).toMatchObject({ bytes: 2 ** 32 - 1, maxFrameBytes: 10 })
    expect(() => decoder.push(good)).toThrow(FrameTooLargeError)
  })

  test('announces what it likes: memory grows only with what arrives', () => {
    const decoders = Array.from({ length: 100 }, () => new FrameDecoder({ peer: 'child' }))
    const before = process.memoryUsage().arrayBuffers
    for (const decoder of decoders) decoder.push(Buffer.of(0, 0, 0, 0x40, 1))
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200 * 1024 * 1024)
  })

  test('is over 16 MiB for a remote peer and over 1 GiB for a child by default', () => {
    const header = Buffer.alloc(4)
    header.writeUInt32LE(16 * 1024 ** 2 + 1)
    expect(() => new FrameDecoder().push(header)).toThrow(FrameTooLargeError)
    expect(() => new FrameDecoder({ peer: 'remote' }).push(header)).toThrow(FrameTooLargeError)
    expect(new FrameDecoder({ peer: 'child' }).push(header)).toEqual([])
    header.writeUInt32LE(1024 ** 3 + 1)
    expect(() => new FrameDecoder({ peer: 'child' }).push(header)).toThrow(FrameTooLargeError)
  })
})

function errorOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return expect.unreachable('nothing was thrown')
}
