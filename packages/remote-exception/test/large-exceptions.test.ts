import { encodeException } from '@mpservice/remote-exception'
import { describe, expect, test } from 'vitest'
import { nestingOf, sendAsJson, sendError } from './carriers.ts'

function droppedOf(error: unknown): readonly string[] | undefined {
  return encodeException(error).errors[0]?.dropped
}

describe('what is large', () => {
  test('a message of 10 MB is cut, also in the stack, and says how much', () => {
    const sent = new Error('m'.repeat(10_000_000))
    const arrived = sendError(sent)
    const cut = `${'m'.repeat(65_536)}… [9934464 more characters were cut]`
    expect(arrived.message).toBe(cut)
    expect(arrived.stack?.startsWith(`Error: ${cut}\n    at `)).toBe(true)
    expect(JSON.stringify(encodeException(sent)).length).toBeLessThan(140_000)
  })

  test('a cut never halves a character', () => {
    const message = sendError(new Error('😀'.repeat(10)), { maxMessageChars: 5 }).message
    expect(message).toBe('😀😀… [16 more characters were cut]')
  })

  test('a long stack is cut in the middle', () => {
    const sent = new Error('x')
    sent.stack = `Error: x\n${'    at f (file.js:1:1)\n'.repeat(10_000)}    at last (file.js:2:2)`
    const stack = sendError(sent, { maxStackChars: 200 }).stack ?? ''
    expect(stack.startsWith('Error: x\n    at f (file.js:1:1)\n')).toBe(true)
    expect(stack).toContain(`\n    … [${sent.stack.length - 200} characters were cut]\n`)
    expect(stack.endsWith(`    at last (file.js:2:2)\n    in process ${process.pid}`)).toBe(true)
  })

  test('no stacks at all are sent when their limit is 0', () => {
    const data = encodeException(new Error('x', { cause: new Error('y') }), { maxStackChars: 0 })
    expect(data.errors.map(({ stack }) => stack)).toEqual([undefined, undefined])
  })

  test('a chain of 10 000 causes ends where the limit is, and says so', () => {
    let sent = new Error('cause 0')
    for (let n = 1; n <= 10_000; n++) sent = new Error(`cause ${n}`, { cause: sent })
    const data = encodeException(sent)
    expect(nestingOf(data)).toBe(5)
    const chain: unknown[] = []
    for (let link: unknown = sendError(sent); link instanceof Error; link = link.cause) {
      chain.push(link.message)
    }
    expect(chain).toHaveLength(102)
    expect(chain.slice(0, 2)).toEqual(['cause 10000', 'cause 9999'])
    expect(chain.at(-2)).toBe('cause 9900')
    expect(chain.at(-1)).toBe(
      'a cause cannot be carried: it is what is nested deeper than 100 levels',
    )
  })

  test('250 levels are the most', () => {
    let sent = new Error('deepest')
    let nested: unknown = 'deepest'
    for (let n = 0; n < 5000; n++) {
      sent = new Error('x', { cause: sent })
      nested = [nested]
    }
    Object.assign(sent, { nested })
    const arrived = sendError(sent, { maxDepth: 100_000, maxParts: 100_000 })
    let length = 0
    for (let link: unknown = arrived; link instanceof Error; link = link.cause) length++
    expect(length).toBe(252)
    let depth = 0
    for (let value = Reflect.get(arrived, 'nested'); Array.isArray(value); value = value[0]) depth++
    expect(depth).toBe(250)
  })

  test('fields that are too large are left out whole, the others stay', () => {
    const inner = new TypeError('inner')
    const sent = Object.assign(new Error('x', { cause: inner }), {
      status: 1,
      list: Array.from({ length: 20_000 }, (_, n) => ({ n })),
      wide: Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [n, n])),
      deepList: { inner, a: [Array.from({ length: 9_999 }, () => [new Error('lost')])] },
      text: 'x'.repeat(5_000_000),
      bytes: Buffer.alloc(50_000_000),
      number: 2n ** 20_000_000n,
      again: { inner },
      later: 2,
    })
    expect(droppedOf(sent)).toEqual(['list', 'wide', 'deepList', 'text', 'bytes', 'number'])
    expect(encodeException(sent).errors).toHaveLength(2)
    const arrived = sendError(sent)
    expect(Object.entries(arrived)).toEqual([
      ['status', 1],
      ['again', { inner: arrived.cause }],
      ['later', 2],
    ])
  })

  test('many large fields cost little more than one', { timeout: 30_000 }, () => {
    const graph = Array.from({ length: 9_000 }, (_, n) => ({ n }))
    const sent = new Error('x')
    for (let n = 0; n < 5_000; n++) Object.assign(sent, { [`f${n}`]: [graph, graph.slice()] })
    const started = performance.now()
    encodeException(sent)
    expect(performance.now() - started).toBeLessThan(20_000)
  })

  test('an AggregateError of many errors keeps the first thousand and says so', () => {
    const sent = new AggregateError(
      Array.from({ length: 100_000 }, (_, n) => new Error(`error ${n}`)),
      'all',
    )
    const arrived = sendAsJson(sent)
    if (!(arrived instanceof AggregateError)) throw new Error('no AggregateError')
    expect(arrived.errors).toHaveLength(1001)
    expect(arrived.errors[999].message).toBe('error 999')
    expect(arrived.errors[1000].message).toBe('99000 more errors were not carried')
  })

  test('all text together stays within its limit, messages first', () => {
    const sent = new AggregateError(
      Array.from({ length: 900 }, (_, n) => new Error(`error ${n} ${'x'.repeat(1000)}`)),
    )
    const data = encodeException(sent, { maxTotalChars: 200_000 })
    expect(JSON.stringify(data).length).toBeLessThan(1_300_000)
    expect(data.errors.filter(({ stack }) => stack !== undefined).length).toBeLessThan(200)
    expect(data.errors.filter(({ message }) => message === undefined)).toEqual(
      data.errors.slice(0, 1),
    )
  })

  test('limits that are no limits count as the default', () => {
    const sent = new Error('m'.repeat(70_000))
    const odd = { maxMessageChars: Number.NaN, maxDepth: -1, maxParts: -5 }
    expect(encodeException(sent, odd).errors[0]?.message).toEqual(
      encodeException(sent).errors[0]?.message,
    )
  })
})
