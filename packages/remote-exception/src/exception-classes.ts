import { wellFormed } from './encode-text.ts'
import { ExceptionNameTakenError, MalformedExceptionError, NotCarriedError } from './errors.ts'
import { RemoteTraceback } from './remote-traceback.ts'
import { type ErrorClass, type Registration, sharedState } from './shared-state.ts'

/** The names of an error's classes and, of the registered ones, the nearest. */
export interface ClassChain {
  readonly names: readonly string[]
  readonly registration: Registration | undefined
}

/** Reads the classes of an error, from its own to `Error`; a registered one by its registered name. */
export function readClassChain(error: object): ClassChain {
  const { registrationsByClass } = sharedState()
  const names: string[] = []
  let registration: Registration | undefined
  let prototype: unknown = Reflect.getPrototypeOf(error)
  for (let step = 0; isObject(prototype) && step < maxChainLength; step++) {
    const constructor: unknown = Reflect.getOwnPropertyDescriptor(prototype, 'constructor')?.value
    if (typeof constructor === 'function') {
      const registered = registrationsByClass.get(constructor)
      registration ??= registered
      const name = registered?.name ?? nameOf(constructor)
      if (name === 'Object') break
      if (name !== undefined && names.at(-1) !== name) names.push(name)
    }
    prototype = Reflect.getPrototypeOf(prototype)
  }
  return { names, registration }
}

/** Gives the class that a name stands for here, if any. */
export function knownClass(name: string): ErrorClass | undefined {
  return sharedState().registrationsByName.get(name)?.ErrorClass ?? builtInClass(name)
}

/** Gives the class of the platform or of this package that a name stands for. */
export function builtInClass(name: string): ErrorClass | undefined {
  if (name === 'AssertionError') return process.getBuiltinModule('node:assert').AssertionError
  if (name === 'SuppressedError') return suppressedError()
  return builtInClasses.get(name)
}

/** Whether a value is a class that extends `Error`. */
export function isErrorClass(value: unknown): value is ErrorClass {
  return typeof value === 'function' && value.prototype instanceof Error
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function nameOf(constructor: object): string | undefined {
  // A class can have a static member of any kind for its name.
  const name: unknown = Reflect.getOwnPropertyDescriptor(constructor, 'name')?.value
  const isName = typeof name === 'string' && name !== '' && name.length <= maxNameChars
  return isName ? wellFormed(name) : undefined
}

/** A class of later versions of Node.js. */
function suppressedError(): ErrorClass | undefined {
  const Class: unknown = Reflect.get(globalThis, 'SuppressedError')
  return isErrorClass(Class) ? Class : undefined
}

const maxChainLength = 30
const maxNameChars = 200

const builtInClasses: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([
  ['Error', Error],
  ['TypeError', TypeError],
  ['RangeError', RangeError],
  ['SyntaxError', SyntaxError],
  ['ReferenceError', ReferenceError],
  ['EvalError', EvalError],
  ['URIError', URIError],
  ['AggregateError', AggregateError],
  ['DOMException', DOMException],
  ['RemoteTraceback', RemoteTraceback],
  ['NotCarriedError', NotCarriedError],
  ['MalformedExceptionError', MalformedExceptionError],
  ['ExceptionNameTakenError', ExceptionNameTakenError],
])
