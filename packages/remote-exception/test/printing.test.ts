import { AssertionError } from 'node:assert'
import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { inspect } from 'node:util'
import { RemoteException } from '@mpservice/remote-exception'
import { describe, expect, test } from 'vitest'
import { sendError } from './carriers.ts'

const origin = "process 'adder' (pid 7)"
const frames =
  '\n    at work (work.js:1:2)\n    at main (main.js:3:4)\n    at start (node:internal:5:6)'

/** An error with a stack that does not depend on where the test runs. */
function thrownElsewhere<Thrown extends Error>(error: Thrown): Thrown {
  error.stack = `${error.name}: ${error.message}${frames}`
  return error
}

function printed(...values: readonly unknown[]): string {
  let text = ''
  const stream = new Writable({
    write(chunk, _, done) {
      text += String(chunk)
      done()
    },
  })
  new Console({ stdout: stream, stderr: stream, colorMode: false }).error(...values)
  return text
}

describe('console.error', () => {
  test('shows the remote stack once, the place, and the traceback as one line', () => {
    const sent = Object.assign(thrownElsewhere(new TypeError('bad')), { code: 'E_BAD' })
    expect(printed(sendError(sent, { origin }))).toMatchInlineSnapshot(`
      "TypeError: bad
          at work (work.js:1:2)
          at main (main.js:3:4)
          at start (node:internal:5:6)
          in process 'adder' (pid 7) {
        code: 'E_BAD',
        [cause]: [RemoteTraceback: in process 'adder' (pid 7)]
      }
      "
    `)
  })

  test('shows a cause with its own stack', () => {
    const sent = new Error('outer', { cause: thrownElsewhere(new RangeError('inner')) })
    expect(printed(sendError(thrownElsewhere(sent), { origin }))).toMatchInlineSnapshot(`
      "Error: outer
          at work (work.js:1:2)
          ... 2 lines matching cause stack trace ...
          in process 'adder' (pid 7) {
        [cause]: RangeError: inner
            at work (work.js:1:2)
            at main (main.js:3:4)
            at start (node:internal:5:6)
            in process 'adder' (pid 7)
      }
      "
    `)
  })

  test('shows an unregistered class by its name', () => {
    class ValidationError extends TypeError {
      override readonly name = 'ValidationError'
    }
    const sent = thrownElsewhere(new ValidationError('bad'))
    expect(printed(sendError(sent, { origin }))).toMatchInlineSnapshot(`
      "TypeError [ValidationError]: bad
          at work (work.js:1:2)
          at main (main.js:3:4)
          at start (node:internal:5:6)
          in process 'adder' (pid 7) {
        [cause]: [RemoteTraceback: in process 'adder' (pid 7)]
      }
      "
    `)
  })

  test('shows the errors of an AggregateError', () => {
    const sent = new AggregateError([thrownElsewhere(new Error('one')), 2], 'all')
    expect(printed(sendError(thrownElsewhere(sent), { origin }))).toMatchInlineSnapshot(`
      "AggregateError: all
          at work (work.js:1:2)
          at main (main.js:3:4)
          at start (node:internal:5:6)
          in process 'adder' (pid 7) {
        [cause]: [RemoteTraceback: in process 'adder' (pid 7)],
        [errors]: [
          Error: one
              at work (work.js:1:2)
              at main (main.js:3:4)
              at start (node:internal:5:6)
              in process 'adder' (pid 7),
          2
        ]
      }
      "
    `)
  })

  test('shows every place that an error went through', () => {
    const sent = thrownElsewhere(new Error('far'))
    const near = sendError(sendError(sent, { origin: 'process 1' }), { origin: 'process 2' })
    expect(printed(near)).toMatchInlineSnapshot(`
      "Error: far
          at work (work.js:1:2)
          at main (main.js:3:4)
          at start (node:internal:5:6)
          in process 1
          in process 2 {
        [cause]: [RemoteTraceback: in process 1, in process 2]
      }
      "
    `)
  })

  test('shows the traceback in full when it is printed by itself', () => {
    const { cause } = sendError(thrownElsewhere(new TypeError('bad')), { origin })
    expect(printed(cause)).toMatchInlineSnapshot(`
      "RemoteTraceback:
        TypeError: bad
            at work (work.js:1:2)
            at main (main.js:3:4)
            at start (node:internal:5:6)
            in process 'adder' (pid 7)
      "
    `)
    expect(String(cause)).toBe(`RemoteTraceback: TypeError: bad${frames}\n    in ${origin}`)
  })

  test('shows an assertion as it was', () => {
    const sent = new AssertionError({ actual: 1, expected: 2, operator: 'strictEqual' })
    sent.stack = `AssertionError [ERR_ASSERTION]: ${sent.message}${frames}`
    expect(printed(sendError(sent, { origin }))).toMatchInlineSnapshot(`
      "AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:

      1 !== 2

          at work (work.js:1:2)
          at main (main.js:3:4)
          at start (node:internal:5:6)
          in process 'adder' (pid 7) {
        generatedMessage: true,
        code: 'ERR_ASSERTION',
        actual: 1,
        expected: 2,
        operator: 'strictEqual',
        [cause]: [RemoteTraceback:
          AssertionError [ERR_ASSERTION]: Expected values to be strictly equal:
          
          1 !== 2
          
              at work (work.js:1:2)
              at main (main.js:3:4)
              at start (node:internal:5:6)
              in process 'adder' (pid 7)]
      }
      "
    `)
  })

  test('shows a wrapper and its exception', () => {
    expect(printed([new RemoteException(5), new RemoteException('five')])).toBe(
      "[ RemoteException(5), RemoteException('five') ]\n",
    )
    expect(printed(new RemoteException(thrownElsewhere(new TypeError('x'))))).toBe(
      `RemoteException(TypeError: x${frames})\n`,
    )
    expect(inspect([[[[new RemoteException(5)]]]])).toBe('[ [ [ [Array] ] ] ]')
  })
})

test('a traceback prints quickly however many lines look like places', () => {
  const sent = new Error('x')
  sent.stack = `Error: x\n${'    in process 1\n'.repeat(200_000)}end`
  const arrived = sendError(sent, { maxStackChars: 10_000_000, origin })
  const started = performance.now()
  expect(inspect({ arrived: arrived.cause })).toBe(`{ arrived: [RemoteTraceback: in ${origin}] }`)
  expect(performance.now() - started).toBeLessThan(5_000)
})
