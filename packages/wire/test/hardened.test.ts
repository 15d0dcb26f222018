import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('fixtures/hardened.js', import.meta.url))

test('works where strings cannot become code and prototypes are frozen', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--disallow-code-generation-from-strings',
    program,
  ])
  expect({ stdout, stderr }).toEqual({ stdout: 'hardened\n', stderr: '' })
})
