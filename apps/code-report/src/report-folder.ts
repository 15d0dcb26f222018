import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { UsageError } from './options.ts'

/** The file by which a folder is known to hold a report of this program. */
export const reportMarker = '.code-report'

/**
 * Makes an empty folder for a report, in which an earlier report is replaced.
 *
 * @returns The folder's absolute path.
 * @throws {UsageError} When there is a folder with other content, or something that is no folder:
 *   nothing of a user's is ever overwritten.
 */
export async function prepareReportFolder(path: string): Promise<string> {
  const folder = resolve(path)
  const content = await listOrMake(folder)
  if (content.length > 0 && !content.includes(reportMarker)) {
    throw new UsageError(
      `${folder} exists and holds something else than a code report; name another folder with --out`,
    )
  }
  await writeFile(join(folder, reportMarker), 'This folder is replaced by the next code report.\n')
  await Promise.all(
    ['files', 'index.html', 'report.css', 'report.js'].map((name) =>
      rm(join(folder, name), { recursive: true, force: true }),
    ),
  )
  await mkdir(join(folder, 'files'))
  return folder
}

async function listOrMake(folder: string): Promise<string[]> {
  try {
    await mkdir(folder, { recursive: true })
    return await readdir(folder)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${folder} cannot hold the report: ${reason}`, { cause: error })
  }
}
