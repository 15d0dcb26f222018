import { NotImportableError } from './errors.ts'
import type { AnyFunction, ExportLocation } from './importable.ts'
import { toFileUrl } from './module-ref.ts'

/**
 * Imports a module and gives the function or class that it exports at a location.
 *
 * A default export is found by its own name as well. What importing the module throws (missing
 * file, syntax error, an error of its top level) is thrown as it is, but that the stack of a syntax
 * error tells of the module. As every dynamic import, it
 * waits for ever when a module's own top level awaits it to import that same module.
 *
 * @throws {NotImportableError} When the location is not a `file:` URL, when the module has no such
 *   export, or when that is no function or class.
 */
export async function importExport(location: ExportLocation): Promise<AnyFunction> {
  const { exportName } = location
  const url = toFileUrl(location.url)
  const module: unknown = await import(url).catch((error: unknown) => {
    throw tellModule(error, url)
  })
  const exports = new Map(Object.entries(Object(module)))
  const target = exports.get(exportName)
  if (isFunction(target)) return target
  if (exports.has(exportName)) {
    throw new NotImportableError(
      `the export "${exportName}" of module ${url} is of type ${typeof target}; only a function or class can run in another process`,
      { target: exportName },
    )
  }
  const unnamed = exports.get('default')
  if (isFunction(unnamed) && unnamed.name === exportName) return unnamed
  const names = [...exports.keys()].join(', ') || 'nothing'
  throw new NotImportableError(
    `module ${url} does not export "${exportName}" (it exports: ${names}); export the function or class under that name`,
    { target: exportName },
  )
}

/** Syntax errors do not say where they are: that is only shown when nobody catches them. */
function tellModule(error: unknown, url: string): unknown {
  if (error instanceof SyntaxError && error.stack?.includes(url) !== true) {
    error.stack += `\n    while importing ${url}`
  }
  return error
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function'
}
