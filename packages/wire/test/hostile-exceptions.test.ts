import { performance } from 'node:perf_hooks'
import {
  hasErrorCode,
  isMpserviceError,
  isTimeoutError,
  MpserviceError,
  TimeoutError,
} from '@mpservice/contract'
import { decodeException, encodeException } from '@mpservice/remote-exception'
import { createCodec } from '@mpservice/wire'
import { describe, expect, test } from 'vitest'

const child = createCodec({ peer: 'child' })
const remote = createCodec({ peer: 'remote' })

/** Exception data as bytes of an error extension, whatever it says. */
function asErrorBytes(data: unknown): Buffer {
  const body = child.encode(data)
  const head = Buffer.alloc(6)
  head[0] = 0xc9
  head.writeUInt32BE(body.length, 1)
  head[5] = 0x65
  return Buffer.concat([head, body])
}

const plain = encodeException(new Error('plain'), { origin: 'process 1' })
const withError = (error: object) => ({ ...plain, errors: [{ ...plain.errors[0], ...error }] })

describe('exceptions of a remote peer', () => {
  test('with texts without end are cut, quickly', () => {
    const bytes = asErrorBytes(
      withError({ stack: '\n'.repeat(15_000_000), message: 'm'.repeat(9) }),
    )
    const startedAt = performance.now()
    const error = remote.decode(bytes)
    expect(performance.now() - startedAt).toBeLessThan(1_000)
    expect(error).toBeInstanceOf(Error)
    expect(Object(error).stack.length).toBeLessThan(300_000)
  })

  test('do not go on with lists without end', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `Name${index}`)
    const error = remote.decode(
      asErrorBytes(withError({ classes: [...names, 'Error'], dropped: names })),
    )
    expect(remote.encode(error).length).toBeLessThan(100_000)
  })

  test('share no objects, so that nothing unfolds beyond its size', () => {
    const objects = Array.from({ length: 40 }, (_, index) => ({
      kind: 'array',
      items: [
        ['object', index + 1],
        ['object', index + 1],
      ],
    }))
    objects.push({ kind: 'array', items: [] })
    const data = { ...withError({ fields: [['deep', ['object', 0]]] }), objects }
    const error = Object(remote.decode(asErrorBytes(data)))
    expect(JSON.stringify(error.deep).length).toBeLessThan(20_000)
    const cyclic = { ...data, objects: [{ kind: 'array', items: [['object', 0]] }] }
    expect(Object(remote.decode(asErrorBytes(cyclic))).deep[0]).toMatchObject({
      code: 'NOT_CARRIED',
    })
    // A child's are taken as they are.
    const [own] = Object(child.decode(asErrorBytes(cyclic))).deep
    expect(own[0]).toBe(own)
  })

  test('hold no bigint that is too large', () => {
    const data = withError({ fields: [['huge', ['bigint', 'f'.repeat(4_000)]]] })
    expect(remote.decode(asErrorBytes(data))).toMatchObject({ name: 'MalformedExceptionError' })
  })

  test('must be errors where an error is announced', () => {
    expect(() => remote.decode(asErrorBytes({ ...plain, thrown: 'text' }))).toThrow(
      expect.objectContaining({ code: 'DECODE' }),
    )
  })
})

describe('classes of errors', () => {
  test('of others are not taken for ours because of their name', () => {
    const classes = {
      TimeoutError: class extends Error {
        override name = 'TimeoutError'
      },
    }
    const foreign = new classes.TimeoutError('not ours')
    expect(foreign.constructor.name).toBe('TimeoutError')
    const arrived = child.decode(child.encode(foreign))
    expect(arrived).toMatchObject({ name: 'TimeoutError', message: 'not ours' })
    expect([isMpserviceError(arrived), isTimeoutError(arrived)]).toEqual([false, false])
    expect(arrived).not.toBeInstanceOf(TimeoutError)
  })

  test('of ours arrive as themselves', () => {
    const own = new TimeoutError({ phase: 'total', elapsedMs: 2, timeoutMs: 1 })
    const arrived = child.decode(child.encode(own))
    expect(arrived).toBeInstanceOf(TimeoutError)
    expect(arrived).toMatchObject({ name: 'TimeoutError', phase: 'total', elapsedMs: 2 })
  })

  test('of ours that are not loaded are still told by their code', () => {
    class LateError extends MpserviceError {
      static {
        this.prototype.name = 'LateError'
      }
      readonly code = 'LATE'
    }
    const arrived = decodeException(encodeException(new LateError('not registered')))
    expect(arrived).toMatchObject({ name: 'LateError', code: 'LATE' })
    expect(hasErrorCode(arrived, 'LATE')).toBe(true)
  })
})

test('a few bytes that announce many items allocate little', () => {
  const nested = Buffer.concat([
    ...Array.from({ length: 900 }, () => Buffer.of(0xdc, 0xff, 0xff)),
    Buffer.alloc(66_000, 0xc0),
  ])
  const before = process.memoryUsage().rss
  expect(() => child.decode(nested)).toThrow(expect.objectContaining({ code: 'DECODE' }))
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000)
})
