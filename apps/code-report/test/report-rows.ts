import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The table of a report: the text of each cell, by rows; without the times, which differ. */
export async function readRows(folder: string): Promise<string[][]> {
  const page = await readFile(join(folder, 'index.html'), 'utf8')
  const table = page.slice(page.indexOf('data-files'))
  return [...table.matchAll(/<tr>([^]*?)<\/tr>/g)]
    .slice(1)
    .map(([, row = '']) =>
      [...row.matchAll(/<td class="([^"]*)"[^>]*>([^]*?)<\/td>/g)].flatMap(
        ([, className, content = '']) =>
          className === 'n c-time' ? [] : [content.replace(/<[^>]*>/g, '').trim()],
      ),
    )
}

/** The page of a file in a report: found by its number, from 1. */
export function pageName(number: number, name: string): string {
  return join('files', `${String(number).padStart(5, '0')}-${name}.html`)
}
