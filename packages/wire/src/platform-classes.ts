import { types } from 'node:util'

/**
 * Gives the name of the class of the platform (`Promise`, `URL`, `MessagePort`, …) that an object is
 * an instance of, if any. Such objects keep their state where no property shows it, so that their
 * properties are no copy of them.
 */
export function platformClassName(object: object): string | undefined {
  if (types.isKeyObject(object)) return 'KeyObject'
  if (types.isExternal(object)) return 'External'
  let prototype: object | null = prototypeOf(object)
  while (prototype !== null) {
    const above: object | null = prototypeOf(prototype)
    // What has nothing above it is the Object.prototype of this realm or another.
    if (above === null) return undefined
    const name = platformName(prototype)
    if (name !== undefined) return name
    prototype = above
  }
  return undefined
}

function platformName(prototype: object): string | undefined {
  const constructor: unknown = ownValue(prototype, 'constructor')
  if (typeof constructor === 'function') {
    return isPlatformClass(constructor) ? constructor.name : undefined
  }
  // Iterators and generators: their prototypes have a name and no class.
  const tag: unknown = ownValue(prototype, Symbol.toStringTag)
  return typeof tag === 'string' ? tag : undefined
}

function isPlatformClass(constructor: { readonly name: string }): boolean {
  if (Function.prototype.toString.call(constructor).endsWith('{ [native code] }')) return true
  // Only a class with the right name is compared: reading a global may load what it stands for.
  const { name } = constructor
  return platformGlobals.has(name) && Reflect.get(globalThis, name) === constructor
}

function ownValue(object: object, key: string | symbol): unknown {
  return Reflect.getOwnPropertyDescriptor(object, key)?.value
}

function prototypeOf(object: object): object | null {
  return Reflect.getPrototypeOf(object)
}

/** What was global before the application could add classes of its own. */
const platformGlobals: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(globalThis))
