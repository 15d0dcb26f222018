import { NotImportableError } from './errors.ts'
import { isModuleExport, type ModuleExport, toFileUrl } from './module-ref.ts'

/** Any function, whatever its parameters. */
export type AnyFunction = (...args: never[]) => unknown
/** Any class, whatever its constructor's parameters. */
export type AnyClass = abstract new (...args: never[]) => unknown

/**
 * A function or class that another process can find again: exported, and carrying the URL of its
 * module as its own `module` property; or named by `moduleRef(…).export(…)`.
 *
 * @example
 *   export function work(a: number, b: number) {
 *     return a + b
 *   }
 *   work.module = import.meta.url
 *
 *   export class Model {
 *     static readonly module = import.meta.url
 *   }
 */
export type Importable<Target = AnyFunction | AnyClass> =
  | (Target & { readonly module: string })
  | ModuleExport<Target>

/** The function or class behind an `Importable`. */
export type ImportedTarget<Target> = Target extends ModuleExport<infer Inner> ? Inner : Target

/** Where a function or class is exported; plain data that can be sent to another process. */
export interface ExportLocation {
  /** The absolute `file:` URL of the module. */
  readonly url: string
  /** The name that the module exports it under. */
  readonly exportName: string
}

/**
 * Says where an importable function or class is exported.
 *
 * @throws {NotImportableError} When it has no own `module` (an inherited one is another class's
 *   place), when that is not a `file:` URL, or when its `name` is not a name. The message says what
 *   to add. That it is exported under its name is found out where it is imported.
 */
export function locateExport(target: Importable): ExportLocation {
  if (isModuleExport(target)) return { url: toFileUrl(target.url), exportName: target.exportName }
  if (typeof target !== 'function') {
    throw new NotImportableError(
      `${describe(target)} cannot run in another process: give an exported function or class, or moduleRef(…).export(…)`,
      { target: describe(target) },
    )
  }
  const exportName = nameOf(target)
  return { url: ownModule(target, exportName), exportName }
}

function nameOf(target: object): string {
  const name: unknown = Reflect.get(target, 'name')
  if (name === '') {
    throw new NotImportableError(
      `an anonymous ${kindOf(target)} cannot be found again in another process: export it under a name and ${whatToAdd(target, name)}`,
      { target: name },
    )
  }
  if (typeof name !== 'string') {
    throw new NotImportableError(
      `a class whose static "name" is ${describe(name)} cannot be found again in another process: rename that member, or use moduleRef(…).export(…)`,
      { target: '' },
    )
  }
  return name
}

function ownModule(target: object, name: string): string {
  if (!Object.hasOwn(target, 'module')) {
    const inherited =
      'module' in target ? ' (the one it inherits names the place of its parent)' : ''
    throw new NotImportableError(
      `${kindOf(target)} "${name}" cannot be found again in another process: it has no "module" property of its own${inherited}. Export it and ${whatToAdd(target, name)}`,
      { target: name },
    )
  }
  const module: unknown = Reflect.get(target, 'module')
  if (typeof module !== 'string') {
    throw new NotImportableError(
      `the "module" property of ${kindOf(target)} "${name}" is ${describe(module)}, not the URL of a module: ${whatToAdd(target, name)}`,
      { target: name },
    )
  }
  return toFileUrl(module)
}

function kindOf(target: object): 'class' | 'function' {
  return isClass(target) ? 'class' : 'function'
}

function isClass(target: object): boolean {
  return /^class\b/.test(Function.prototype.toString.call(target))
}

function whatToAdd(target: object, name: string): string {
  return isClass(target)
    ? 'add inside the class: static readonly module = import.meta.url'
    : `add after it: ${isIdentifier(name) ? name : 'theFunction'}.module = import.meta.url`
}

function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
