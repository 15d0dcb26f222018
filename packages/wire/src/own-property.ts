/** Whether `object[name] = value` might run a setter, or fail, instead of adding a property. */
export function isInheritedName(name: string): boolean {
  return name in Object.prototype
}

/** Adds an own property even where `Object.prototype` has one of that name, such as `__proto__`. */
export function defineProperty(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  })
}
