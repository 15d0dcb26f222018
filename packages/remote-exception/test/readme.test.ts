import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { decodeException } from '@mpservice/remote-exception'
import { expect, test } from 'vitest'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const program = fileURLToPath(new URL('fixtures/readme/example.js', import.meta.url))

test('the example of the README is the program that is tested', () => {
  expect(/```js\n(.*?)```/s.exec(readme)?.[1]).toBe(readFileSync(program, 'utf8'))
})

test('the example of the README prints what it says', () => {
  const output = execFileSync(process.execPath, [program], { encoding: 'utf8' })
  expect(output.replace(/\d{2,}/, '4711')).toBe(
    "true 5 over the limit of 5\n    in process 'adder' (pid 4711)\n",
  )
})

test('the least data that the README gives is an error', () => {
  const [, least = ''] = /The least that arrives: `([^`]+)`/.exec(readme) ?? []
  expect(decodeException(JSON.parse(least))).toMatchObject({
    name: 'ValueError',
    message: 'too large',
    stack: 'ValueError: too large\n    in a program',
  })
})
