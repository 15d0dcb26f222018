import {
  type AnyFunction,
  type ExportLocation,
  type Importable,
  locateExport,
} from '@mpservice/contract'

/** Where functions are exported, found out once for each. */
export class KnownLocations {
  readonly #locations = new WeakMap<object, ExportLocation>()

  /** @throws {NotImportableError} When a function cannot be found again in another process. */
  find(target: Importable<AnyFunction>): ExportLocation {
    const known = this.#locations.get(target)
    if (known !== undefined) return known
    const location = locateExport(target)
    this.#locations.set(target, location)
    return location
  }
}
