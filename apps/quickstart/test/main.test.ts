import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('prints the two greetings and ends', async () => {
  const program = fileURLToPath(new URL('../dist/main.js', import.meta.url))
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], {
    timeout: 30_000,
  })
  expect({ stdout, stderr }).toEqual({
    stdout: 'Hello, wdwdwdwdwd!\nHello, 20!\n',
    stderr: '',
  })
})
