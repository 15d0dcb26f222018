import { describeOrigin, encodeException } from '@mpservice/remote-exception'
import { expect, test } from 'vitest'
import { sendError } from './carriers.ts'

test('describes this process, with a name if there is one', () => {
  expect(describeOrigin()).toBe(`process ${process.pid}`)
  expect(describeOrigin('')).toBe(`process ${process.pid}`)
  expect(describeOrigin('adder')).toBe(`process 'adder' (pid ${process.pid})`)
})

test('is the default of encodeException', () => {
  expect(encodeException(undefined).origin).toBe(describeOrigin())
})

test.each([
  ['host 7', '    in host 7'],
  ['in host 7', '    in host 7'],
  ['    in host 7\n', '    in host 7'],
  ['two\nlines', '    in two lines'],
  ['', '    in an unnamed place'],
  ['\u2028\u0000', '    in an unnamed place'],
])('is one line under the stack: %j', (origin, line) => {
  const stack = sendError(new Error('x'), { origin }).stack
  expect(stack?.split('\n').at(-1)).toBe(line)
})
