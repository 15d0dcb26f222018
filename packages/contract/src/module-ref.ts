import { NotImportableError } from './errors.ts'
import type { AnyClass, AnyFunction } from './importable.ts'

const brand = Symbol.for('mpservice.module-export')

/**
 * Names a module without importing it here; `export(name)` names one of its exports.
 *
 * @example
 *   moduleRef<typeof import('./work.js')>(new URL('./work.js', import.meta.url)).export('work')
 *
 * @param url - The absolute `file:` URL of the module.
 * @throws {NotImportableError} When the URL is not a `file:` URL.
 */
export function moduleRef<Module extends object>(url: URL | string): ModuleRef<Module> {
  return new ModuleRef<Module>(url)
}

/** A module that is named but not imported here. Made by `moduleRef`. */
export class ModuleRef<Module extends object> {
  /** The absolute `file:` URL of the module. */
  readonly url: string

  constructor(url: URL | string) {
    this.url = toFileUrl(url)
  }

  /** Names one export of the module; whether it exists is found out where it is imported. */
  export<Name extends FunctionOrClassKeys<Module>>(name: Name): ModuleExport<Module[Name]> {
    return new ModuleExport<Module[Name]>(this.url, name)
  }
}

/** One export of a module that is named but not imported here. Made by `ModuleRef.export`. */
export class ModuleExport<Target> {
  static {
    Object.defineProperty(this.prototype, brand, { value: true })
  }

  /** Exists only as a type: what is exported. */
  declare readonly exported?: Target
  /** The absolute `file:` URL of the module. */
  readonly url: string
  /** The name that the module exports the target under. */
  readonly exportName: string

  constructor(url: URL | string, exportName: string) {
    this.url = toFileUrl(url)
    this.exportName = exportName
  }
}

/** Whether a value is a `ModuleExport`, from whichever copy of the package. */
export function isModuleExport(value: unknown): value is ModuleExport<unknown> {
  return typeof value === 'object' && value !== null && brand in value
}

type FunctionOrClassKeys<Module> = {
  [Key in keyof Module]: Module[Key] extends AnyFunction | AnyClass ? Key : never
}[keyof Module] &
  string

/** Accepts only modules on disk: other schemes would let code come from elsewhere. */
export function toFileUrl(url: URL | string): string {
  const href = String(url)
  if (!URL.canParse(href) || new URL(href).protocol !== 'file:') {
    throw new NotImportableError(
      `the module "${href}" is not named by a file: URL; give import.meta.url or new URL('./module.js', import.meta.url)`,
      { target: href },
    )
  }
  // `file:work.js` parses too; only its absolute form names the same file everywhere.
  return new URL(href).href
}
