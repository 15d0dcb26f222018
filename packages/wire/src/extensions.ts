import { ExtensionTakenError } from './errors.ts'
import { maxRegisteredType } from './format.ts'

/** How the instances of a class cross, under a number of their own. */
export interface Extension<Instance extends object = object> {
  /** The number that stands for it in the bytes, 1 to 63; PROTOCOL.md lists who uses which. */
  readonly type: number
  /**
   * The class; what has its `prototype` in its chain of prototypes counts as an instance, also a
   * function or a `Proxy`.
   */
  readonly class: abstract new (...args: never[]) => Instance
  /** Gives bytes or any other value that can be carried; it must not lead back to the instance. */
  readonly encode: (instance: Instance) => unknown
  /**
   * Makes the instance from what `encode` gave. The data may come from anyone who can send, so
   * check it. What it throws becomes the cause of a `DecodeError`.
   */
  readonly decode: (data: unknown) => unknown
  /**
   * Whether it crosses to and from remote peers as well; otherwise it is refused there, both ways.
   *
   * @default true
   */
  readonly remote?: boolean | undefined
}

/**
 * Lets the instances of a class be carried by every codec of this process, whichever copy of this
 * package made it. The other side needs the same registration.
 *
 * @throws {RangeError} When the type is no integer from 1 to 63.
 * @throws {ExtensionTakenError} When the type or the class is registered already.
 */
export function registerExtension<Instance extends object>(extension: Extension<Instance>): void {
  const { type, class: Class, encode, decode, remote = true } = extension
  if (!Number.isInteger(type) || type < 1 || type > maxRegisteredType) {
    throw new RangeError(
      `an extension type is an integer from 1 to ${maxRegisteredType}, not ${type}`,
    )
  }
  const { byType, byPrototype } = registry
  const taken = byType.get(type) ?? byPrototype.get(Class.prototype)
  if (taken !== undefined) throw new ExtensionTakenError({ type, className: Class.name, by: taken })
  const registered: RegisteredExtension = {
    type,
    className: Class.name,
    encode(object) {
      if (!(object instanceof Class)) throw new TypeError(`it is no instance of ${Class.name}`)
      return encode(object)
    },
    decode,
    remote,
  }
  byType.set(type, registered)
  byPrototype.set(Class.prototype, registered)
}

/** An extension as the codec sees it. */
export interface RegisteredExtension {
  readonly type: number
  readonly className: string
  readonly encode: (object: object) => unknown
  readonly decode: (data: unknown) => unknown
  readonly remote: boolean
}

/** Gives the extension that an object is written by, if any: that of the nearest class. */
export function findExtension(object: object): RegisteredExtension | undefined {
  const { byPrototype } = registry
  let prototype = Reflect.getPrototypeOf(object)
  while (prototype !== null && byPrototype.size > 0) {
    const extension = byPrototype.get(prototype)
    if (extension !== undefined) return extension
    prototype = Reflect.getPrototypeOf(prototype)
  }
  return undefined
}

/** Gives the extension of a type, if it is registered. */
export function extensionOfType(type: number): RegisteredExtension | undefined {
  return registry.byType.get(type)
}

/** How many extensions are registered; the number only grows. */
export function registeredCount(): number {
  return registry.byType.size
}

interface Registry {
  readonly byType: Map<number, RegisteredExtension>
  readonly byPrototype: Map<object, RegisteredExtension>
}

function sharedRegistry(): Registry {
  const present: unknown = Reflect.get(globalThis, key)
  if (isRegistry(present)) return present
  const made: Registry = { byType: new Map(), byPrototype: new Map() }
  Object.defineProperty(globalThis, key, { value: made })
  return made
}

function isRegistry(value: unknown): value is Registry {
  return typeof value === 'object' && value !== null && 'byPrototype' in value
}

const key = Symbol.for('mpservice.wire.extensions.1')

/** What all copies of this package in one realm share; another layout needs another name. */
const registry = sharedRegistry()
