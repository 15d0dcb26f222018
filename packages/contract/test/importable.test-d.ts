import {
  type AnyClass,
  type AnyFunction,
  type Importable,
  type ImportedTarget,
  locateExport,
  type ModuleExport,
  moduleRef,
} from '@mpservice/contract'
import { describe, expectTypeOf, test } from 'vitest'
import type * as fixture from './fixtures/work.js'

// The two idioms of an importable target, exactly as users write them.
export function work(a: number, b: number) {
  return a + b
}
work.module = import.meta.url

export class GetHead {
  static readonly module = import.meta.url
  call(x: string) {
    return x[0]!
  }
}

export abstract class Shape<Size> {
  static readonly module = import.meta.url
  readonly size: Size
  constructor(size: Size) {
    this.size = size
  }
}

export async function identity<Value>(value: Value): Promise<Value> {
  return value
}
identity.module = import.meta.url

const ref = moduleRef<typeof import('./fixtures/work.js')>(
  new URL('./fixtures/work.js', import.meta.url),
)

describe('Importable', () => {
  test('takes functions and classes that carry their module', () => {
    expectTypeOf(work).toExtend<Importable>()
    expectTypeOf(GetHead).toExtend<Importable>()
    expectTypeOf(Shape).toExtend<Importable>()
    expectTypeOf(identity).toExtend<Importable>()
  })

  test('takes what moduleRef names', () => {
    expectTypeOf(ref.export('work')).toExtend<Importable>()
    expectTypeOf(ref.export('Model')).toExtend<Importable>()
  })

  test('refuses what carries no module, or one that is no string', () => {
    expectTypeOf<() => void>().not.toExtend<Importable>()
    expectTypeOf<typeof Date>().not.toExtend<Importable>()
    expectTypeOf<(() => void) & { module: URL }>().not.toExtend<Importable>()
    // @ts-expect-error Property 'module' is missing
    locateExport(() => 1)
    // @ts-expect-error Property 'module' is missing
    locateExport(Map)
  })

  test('can ask for a certain function or class', () => {
    type Adder = (a: number, b: number) => number
    expectTypeOf(work).toExtend<Importable<Adder>>()
    expectTypeOf(ref.export('work')).toExtend<Importable<Adder>>()
    expectTypeOf(GetHead).not.toExtend<Importable<Adder>>()
    expectTypeOf(ref.export('Model')).not.toExtend<Importable<Adder>>()
    expectTypeOf(GetHead).toExtend<Importable<new () => { call(x: string): string }>>()
    expectTypeOf(GetHead).not.toExtend<Importable<new () => { call(x: number): string }>>()
  })
})

describe('ImportedTarget', () => {
  test('is the function or class itself', () => {
    expectTypeOf<ImportedTarget<typeof work>>().toEqualTypeOf<typeof work>()
    expectTypeOf<ImportedTarget<typeof GetHead>>().toEqualTypeOf<typeof GetHead>()
  })

  test('is what a ModuleExport stands for', () => {
    const named = ref.export('work')
    expectTypeOf<ImportedTarget<typeof named>>().toEqualTypeOf<(typeof fixture)['work']>()
    const model = ref.export('Model')
    expectTypeOf<ImportedTarget<typeof model>>().toEqualTypeOf<(typeof fixture)['Model']>()
  })

  test('lets a function infer arguments and result from either form', () => {
    expectTypeOf(run(work, 1, 2)).toEqualTypeOf<number>()
    expectTypeOf(run(ref.export('work'), 1, 2)).toEqualTypeOf<number>()
    // @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'number'
    run(work, 1, '2')
    // @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'number'
    run(ref.export('work'), 1, '2')
    // @ts-expect-error Expected 3 arguments
    run(ref.export('work'), 1)
    // @ts-expect-error a class is not called
    run(ref.export('Model'), 'title')
  })

  test('lets a function infer an instance from either form', () => {
    expectTypeOf(create(GetHead)).toEqualTypeOf<GetHead>()
    expectTypeOf(create(ref.export('Model'), 'title').title).toEqualTypeOf<string>()
    // @ts-expect-error Argument of type 'number' is not assignable to parameter of type 'string'
    create(ref.export('Model'), 1)
    // @ts-expect-error a function is not constructed
    create(work)
  })
})

describe('moduleRef', () => {
  test('offers only the functions and classes of the module', () => {
    expectTypeOf<Parameters<typeof ref.export>[0]>().toEqualTypeOf<'work' | 'Model' | 'default'>()
    expectTypeOf(ref.export('work')).toEqualTypeOf<ModuleExport<(typeof fixture)['work']>>()
    // @ts-expect-error 'limit' is a number
    ref.export('limit')
    // @ts-expect-error 'absent' is not exported
    ref.export('absent')
  })

  test('offers nothing when it is not told the type of the module', () => {
    expectTypeOf<
      Parameters<ReturnType<typeof moduleRef<object>>['export']>[0]
    >().toEqualTypeOf<never>()
    // @ts-expect-error Argument of type 'string' is not assignable to parameter of type 'never'
    moduleRef('file:///data/work.js').export('work')
  })
})

// What `process` and `server` do with an importable: infer from it, whichever form it has.
declare function run<Target extends Importable<AnyFunction>>(
  target: Target,
  ...args: Parameters<Extract<ImportedTarget<Target>, AnyFunction>>
): ReturnType<Extract<ImportedTarget<Target>, AnyFunction>>

declare function create<Target extends Importable<AnyClass>>(
  target: Target,
  ...args: ConstructorParameters<Extract<ImportedTarget<Target>, AnyClass>>
): InstanceType<Extract<ImportedTarget<Target>, AnyClass>>
