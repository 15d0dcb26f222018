/** Sets the stack of an error, which is never enumerable. */
export function setStack(error: Error, stack: string): void {
  // To define it would make V8 format the frames that are thrown away here.
  if (Object.hasOwn(error, 'stack') && Reflect.set(error, 'stack', stack)) return
  defineHidden(error, 'stack', stack)
}

/** Defines an own property as `message` and `cause` of an error are: not enumerable. */
export function defineHidden(error: Error, key: string, value: unknown): void {
  Reflect.defineProperty(error, key, {
    value,
    writable: true,
    enumerable: false,
    configurable: true,
  })
}

/** Gives an own or inherited value without calling a getter, for which it gives `undefined`. */
export function plainValue(error: Error, key: string): unknown {
  for (
    let holder: object | null = error;
    holder !== null;
    holder = Reflect.getPrototypeOf(holder)
  ) {
    const descriptor = Reflect.getOwnPropertyDescriptor(holder, key)
    if (descriptor !== undefined) return descriptor.value
  }
  return undefined
}

/** Makes an error without collecting the frames of its caller, which say nothing about it. */
export function withoutFrames<Made extends Error>(make: () => Made): Made {
  const limit: unknown = Reflect.getOwnPropertyDescriptor(Error, 'stackTraceLimit')?.value
  if (typeof limit !== 'number' || !Reflect.set(Error, 'stackTraceLimit', 0)) return make()
  try {
    return make()
  } finally {
    Error.stackTraceLimit = limit
  }
}
