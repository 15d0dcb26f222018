import { moduleRef, Pool, type PoolOptions, type RemoteException } from '@mpservice/server'
import { describe, expectTypeOf, test } from 'vitest'

function area(width: number, height: number) {
  return width * height
}
area.module = import.meta.url

async function read(path: string) {
  return { path, bytes: new Uint8Array() }
}
read.module = import.meta.url

function roll(sides = 6) {
  return sides
}
roll.module = import.meta.url

function maybe(x: string): number | RemoteException {
  return x.length
}
maybe.module = import.meta.url

function unplaced(x: number) {
  return x
}

declare const pool: Pool

describe('types of a pool', () => {
  test('come from the function', () => {
    expectTypeOf(pool.apply(area, [2, 3])).toEqualTypeOf<Promise<number>>()
    expectTypeOf(pool.apply(roll)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(pool.apply(roll, [20], { timeoutMs: 5 })).toEqualTypeOf<Promise<number>>()
    expectTypeOf(pool.map(read, ['a', 'b'])).toEqualTypeOf<
      Promise<{ path: string; bytes: Uint8Array<ArrayBuffer> }[]>
    >()
    expectTypeOf(pool.map(maybe, new Set(['a']))).toEqualTypeOf<Promise<number[]>>()
    expectTypeOf(pool.starmap(area, [[1, 2]])).toEqualTypeOf<Promise<number[]>>()
    expectTypeOf(pool.imap(roll, [1, 2])).toEqualTypeOf<AsyncGenerator<number, void, undefined>>()
    expectTypeOf(pool.imapUnordered(roll, ReadableStream.from([1]))).toEqualTypeOf<
      AsyncGenerator<number, void, undefined>
    >()
  })

  test('come from a module that is not imported', () => {
    const work = moduleRef<{ area: typeof area; read: typeof read }>('file:///work.js')
    expectTypeOf(pool.apply(work.export('area'), [2, 3])).toEqualTypeOf<Promise<number>>()
    expectTypeOf(pool.starmap(work.export('area'), [[2, 3]])).toEqualTypeOf<Promise<number[]>>()
    expectTypeOf(pool.map(work.export('read'), ['a']))
      .resolves.items.toHaveProperty('path')
      .toBeString()
    // @ts-expect-error: the path is a text
    void pool.map(work.export('read'), [1])
  })

  test('refuse what does not fit', () => {
    // @ts-expect-error: an argument is missing
    void pool.apply(area, [2])
    // @ts-expect-error: arguments are missing
    void pool.apply(area)
    // @ts-expect-error: an argument is of another type
    void pool.apply(area, [2, '3'])
    // @ts-expect-error: the function needs two arguments
    void pool.map(area, [1, 2])
    // @ts-expect-error: the items are of another type
    void pool.map(read, [1, 2])
    // @ts-expect-error: the lists are too short
    void pool.starmap(area, [[1]])
    // @ts-expect-error: there is no module property
    void pool.map(unplaced, [1])
    // @ts-expect-error: there is no module property
    void pool.apply((x: number) => x, [1])
  })

  test('are of processes or of threads', () => {
    expectTypeOf({ processes: 2, execArgv: ['--no-warnings'] }).toExtend<PoolOptions>()
    expectTypeOf({ threads: 2, resourceLimits: { stackSizeMb: 8 } }).toExtend<PoolOptions>()
    // @ts-expect-error: one of the two
    void Pool.start({ processes: 2, threads: 2 })
    // @ts-expect-error: one of the two
    void Pool.start({})
    // @ts-expect-error: threads have no flags of their own
    void Pool.start({ threads: 2, execArgv: [] })
  })
})
