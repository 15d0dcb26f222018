export function edges(): readonly number[] {
  const powers = [5, 7, 8, 15, 16, 31, 32, 40, 52].map((bits) => 2 ** bits)
  const around = powers.flatMap((n) => [n - 1, n, n + 1, -n - 1, -n, -n + 1])
  return [0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, ...around]
}

export function lengths(): readonly number[] {
  return [0, 1, 2, 3, 5, 7, 8, 15, 16, 23, 24, 31, 32, 63, 64, 85, 255, 256, 1365, 65_535, 65_536]
}

export function nested(depth: number): unknown {
  let value: unknown = 'innermost'
  for (let i = 0; i < depth; i++) value = [value]
  return value
}

export function sparse(): unknown[] {
  const array: unknown[] = []
  array[1] = undefined
  array[3] = 1
  array.length = 6
  return array
}

export function oneItemAt(index: number): unknown[] {
  const array: unknown[] = []
  array[index] = 1
  return array
}

export function at(pattern: RegExp, lastIndex: number): RegExp {
  pattern.lastIndex = lastIndex
  return pattern
}

export function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(8)
  structuredClone(buffer, { transfer: [buffer] })
  return buffer
}

export function detachedView(): Uint8Array {
  const view = new Uint8Array(8)
  structuredClone(view.buffer, { transfer: [view.buffer] })
  return view
}

export function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

export function throwing(trap: 'get' | 'ownKeys'): ProxyHandler<object> {
  return {
    [trap]() {
      throw new Error('no')
    },
  }
}

export function argumentsOf(first: unknown, second: unknown): unknown {
  return Reflect.apply(
    function give() {
      return arguments
    },
    undefined,
    [first, second],
  )
}

export class Point {
  x: number
  y: number
  readonly #hidden = 3

  constructor(x: number, y: number) {
    this.x = x
    this.y = y
  }

  get sum(): number {
    return this.x + this.y + this.#hidden
  }
}
export class SubMap extends Map<unknown, unknown> {}
export class SubSet extends Set<unknown> {}
export class SubArray extends Array<unknown> {}
export class Signalling extends EventTarget {}
