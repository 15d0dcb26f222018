import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The folder above a file that other users may not enter, if there is one: what runs as another user
 * cannot be run from there. For tests that say so and are skipped.
 */
export function folderClosedToOthers(file: URL): string | undefined {
  let folder = dirname(fileURLToPath(file))
  for (;;) {
    if ((statSync(folder).mode & mayEnter) === 0) return folder
    const above = dirname(folder)
    if (above === folder) return undefined
    folder = above
  }
}

/** The bit of others' right to enter a folder. */
const mayEnter = 0o001
