import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** A directory that exists until it is disposed of. */
export interface TemporaryDirectory extends AsyncDisposable {
  /** Its absolute path, without symbolic links. */
  readonly path: string
  /** Its `file:` URL; ends in a slash, so that `new URL(name, url)` is inside. */
  readonly url: URL
}

/**
 * Makes an empty directory in the system's directory for temporary files.
 *
 * Its name contains a space, because paths of users do. Disposing of it removes it with all that it
 * holds. The name is short, since a socket's path inside may be no longer than 103 bytes.
 */
export async function temporaryDirectory(): Promise<TemporaryDirectory> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'mps test-')))
  return {
    path,
    url: pathToFileURL(`${path}/`),
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
