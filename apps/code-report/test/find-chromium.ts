import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Where a Chromium is: `CHROMIUM_PATH`, or one of its usual names on the `PATH`. */
export function findChromium(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin']
  const onPath = folders.flatMap((folder) => names.map((name) => join(folder, name)))
  return [process.env['CHROMIUM_PATH'] ?? '', ...onPath].find(isExecutable)
}

function isExecutable(path: string): boolean {
  if (path === '') return false
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
