/** A class that `registerException` was given, as the codec sees it. */
export interface Registration {
  readonly name: string
  readonly ErrorClass: ErrorClass
  readonly encode: ((error: object) => unknown) | undefined
  readonly decode: ((state: unknown, message: string) => unknown) | undefined
}

/** Any class of errors, whatever its constructor's parameters. */
export type ErrorClass<Instance extends Error = Error> = abstract new (...args: never[]) => Instance

/** What the `encode` hook of a class gave. */
export interface HookState {
  readonly className: string
  readonly value: unknown
}

/** What is known of an error that was decoded here and that its object does not show. */
export interface RemoteRecord {
  /** The remote stack and the lines naming the places, as decoded. */
  readonly traceback: string
  /** The names of its classes where it was thrown; some may be unknown here. */
  readonly classes: readonly string[]
  /** The cause that decoding gave it because it had none of its own. */
  readonly addedCause: unknown
  /** What a hook of its class had sent along, for the next place. */
  readonly state: HookState | undefined
  /** The paths of what could not be carried. */
  readonly dropped: readonly string[]
}

/** What all copies of this package in one realm know together. */
export interface SharedState {
  readonly registrationsByName: Map<string, Registration>
  readonly registrationsByClass: WeakMap<object, Registration>
  readonly remoteRecords: WeakMap<object, RemoteRecord>
}

// What these hold may change only together with this name: copies of other versions read them too.
const key = Symbol.for('mpservice.remote-exception.state.1')

/** Gives the state that all copies of this package share, making it at the first use. */
export function sharedState(): SharedState {
  const present: unknown = Reflect.get(globalThis, key)
  if (isSharedState(present)) return present
  const state: SharedState = {
    registrationsByName: new Map(),
    registrationsByClass: new WeakMap(),
    remoteRecords: new WeakMap(),
  }
  Object.defineProperty(globalThis, key, { value: state, configurable: true })
  return state
}

function isSharedState(value: unknown): value is SharedState {
  return typeof value === 'object' && value !== null && 'remoteRecords' in value
}
