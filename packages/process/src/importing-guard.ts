import { StartedWhileImportingError } from './errors.ts'

const key = Symbol.for('mpservice.importing')

/**
 * Runs an import in a child process; whatever starts processes meanwhile is refused.
 *
 * The mark is global, so that it holds for every copy of this package.
 */
export async function whileImporting<Result>(
  url: string,
  work: () => Promise<Result>,
): Promise<Result> {
  Reflect.set(globalThis, key, url)
  try {
    return await work()
  } finally {
    Reflect.deleteProperty(globalThis, key)
  }
}

/** @throws {StartedWhileImportingError} When a module is just being imported in this child process. */
export function assertNotImporting(): void {
  const url: unknown = Reflect.get(globalThis, key)
  if (typeof url === 'string') throw new StartedWhileImportingError(url)
}
