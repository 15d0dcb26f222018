import { types } from 'node:util'

/** Says in a few words what a value is, whatever it does when it is looked at. */
export function describeValue(value: unknown): string {
  try {
    if (typeof value === 'function') return `a function${named(value)}`
    if (typeof value === 'symbol') return `a symbol (${shortened(value.description)})`
    if (typeof value !== 'object' || value === null) return `the value ${shortened(String(value))}`
    if (types.isProxy(value)) return 'a Proxy'
    const constructor: unknown = Object.getPrototypeOf(value)?.constructor
    return `an object${typeof constructor === 'function' ? named(constructor) : ''}`
  } catch {
    return `a value of type ${typeof value}`
  }
}

function named(value: object): string {
  const name: unknown = Reflect.getOwnPropertyDescriptor(value, 'name')?.value
  return typeof name === 'string' && name !== '' ? ` (${shortened(name)})` : ''
}

function shortened(text: string | undefined): string {
  return text === undefined ? '' : text.length > 100 ? `${text.slice(0, 100)}…` : text
}
