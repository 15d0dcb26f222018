import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TemporaryDirectory, temporaryDirectory } from '@mpservice/test-support'

/** Makes a folder with these files in it, which is removed when the test is over. */
export async function temporaryFolder(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory()
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory.path, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
  return directory
}
