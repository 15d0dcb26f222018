import type { Dirent } from 'node:fs'
import { access, readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { languageOfPath } from './language.ts'
import { reportMarker } from './report-folder.ts'
import type { SourceEntry } from './source-file.ts'

/** The source files of a folder, and what was passed over. */
export interface Collection {
  /** In the order of their paths, compared by code unit, so that it is the same everywhere. */
  readonly entries: readonly SourceEntry[]
  /** Files that are of no known language. */
  readonly ignoredFiles: number
  /** Folders that could not be listed, with the reason. */
  readonly unreadableFolders: readonly string[]
}

/** Where to look and what to take; every field is optional. */
export interface CollectOptions {
  /** Comes before every path in the report. */
  readonly prefix?: string
  /** Whether folders called `dist` are entered as well. */
  readonly entersBuilds?: boolean
  /** Whether to take this file; it is asked about files of a known language only. */
  readonly filter?: (path: string, sizeBytes: number) => boolean
}

const skippedFolders = new Set([
  'node_modules',
  'coverage',
  '.git',
  '.hg',
  '.svn',
  '.turbo',
  '.cache',
  '.venv',
  '__pycache__',
])

/**
 * Finds the source files below a folder: the regular files whose name says a known language.
 *
 * Not entered are `node_modules`, `dist`, `coverage`, the folders of version control and caches, and
 * reports made by this program. Symbolic links are not followed, so that no file comes twice.
 * A folder or file that cannot be looked at does not end the search.
 */
export async function collectFiles(
  folder: string,
  { prefix = '', entersBuilds = false, filter }: CollectOptions = {},
): Promise<Collection> {
  const found: SourceEntry[] = []
  const unreadableFolders: string[] = []
  let ignoredFiles = 0
  const pending = [folder]
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    const path = prefix + toReportPath(folder, current)
    const listing = await list(current)
    if (listing instanceof Error) {
      unreadableFolders.push(`${path || '.'}: ${listing.message}`)
      continue
    }
    for (const item of listing) {
      const absolutePath = join(current, item.name)
      if (item.isDirectory()) {
        const isSkipped = skippedFolders.has(item.name) || (item.name === 'dist' && !entersBuilds)
        if (!isSkipped && !(await holdsReport(absolutePath))) pending.push(absolutePath)
        continue
      }
      if (!item.isFile()) continue
      const language = languageOfPath(item.name)
      const filePath = prefix + toReportPath(folder, absolutePath)
      const sizeBytes = await sizeOf(absolutePath)
      if (language === undefined || filter?.(filePath, sizeBytes) === false) ignoredFiles += 1
      else
        found.push({ index: 0, path: filePath, absolutePath, sizeBytes, language: language.label })
    }
  }
  return { entries: inOrder(found), ignoredFiles, unreadableFolders: unreadableFolders.toSorted() }
}

/** Puts entries in the order of the report and numbers them. */
export function inOrder(entries: readonly SourceEntry[]): SourceEntry[] {
  return entries
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
    .map((entry, index) => ({ ...entry, index }))
}

async function list(folder: string): Promise<Dirent[] | Error> {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error) return error
    throw error
  }
}

async function holdsReport(folder: string): Promise<boolean> {
  try {
    await access(join(folder, reportMarker))
    return true
  } catch {
    return false
  }
}

// What has gone meanwhile fails where it is read, and so comes into the report with its reason.
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}

function toReportPath(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/')
}
