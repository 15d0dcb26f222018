import { locateExport, moduleRef, NotImportableError } from '@mpservice/contract'
import { describe, expect, test } from 'vitest'
import * as fixture from './fixtures/work.js'

const workUrl = new URL('fixtures/work.js', import.meta.url).href

export const double = (x: number): number => x * 2
double.module = import.meta.url

export function triple(x: number): number {
  return x * 3
}
triple.module = import.meta.url

function plain(): number {
  return 1
}

class Plain {
  call(): number {
    return 1
  }
}

describe('locateExport', () => {
  test('gives the module and name of functions, classes and named default exports', () => {
    expect(locateExport(fixture.work)).toEqual({ url: workUrl, exportName: 'work' })
    expect(locateExport(fixture.Model)).toEqual({ url: workUrl, exportName: 'Model' })
    expect(locateExport(fixture.default)).toEqual({ url: workUrl, exportName: 'standard' })
  })

  test('gives the module and name of what moduleRef names', () => {
    const ref = moduleRef<typeof fixture>(workUrl)
    expect(locateExport(ref.export('work'))).toEqual({ url: workUrl, exportName: 'work' })
  })

  test('takes an arrow function that is named by its constant and carries its module', () => {
    expect(locateExport(double)).toEqual({ url: import.meta.url, exportName: 'double' })
  })

  test('takes a TypeScript module as the place', () => {
    const url = new URL('importable.test.ts', import.meta.url).href
    expect(locateExport(triple)).toEqual({ url, exportName: 'triple' })
  })

  test('takes a getter as the module property', () => {
    class Lazy extends Plain {
      static get module(): string {
        return workUrl
      }
    }
    expect(locateExport(Lazy)).toEqual({ url: workUrl, exportName: 'Lazy' })
  })

  test('gives one spelling of a URL that has several', () => {
    expect(locateExport(named('FILE:///data/a/../work.js?v=1')).url).toBe(
      'file:///data/work.js?v=1',
    )
  })
})

describe('locateExport refuses', () => {
  test('a function without a module', () => {
    expect(refusal(plain)).toMatchInlineSnapshot(
      `"function "plain" cannot be found again in another process: it has no "module" property of its own. Export it and add after it: plain.module = import.meta.url"`,
    )
  })

  test('a class without a module', () => {
    expect(refusal(Plain)).toMatchInlineSnapshot(
      `"class "Plain" cannot be found again in another process: it has no "module" property of its own. Export it and add inside the class: static readonly module = import.meta.url"`,
    )
  })

  test('a class that inherits the module of its parent', () => {
    class Derived extends fixture.Model {}
    expect(refusal(Derived)).toMatchInlineSnapshot(
      `"class "Derived" cannot be found again in another process: it has no "module" property of its own (the one it inherits names the place of its parent). Export it and add inside the class: static readonly module = import.meta.url"`,
    )
  })

  test('an anonymous function, even with a module', () => {
    expect(refusal(Object.assign(() => 1, { module: import.meta.url }))).toMatchInlineSnapshot(
      `"an anonymous function cannot be found again in another process: export it under a name and add after it: theFunction.module = import.meta.url"`,
    )
  })

  test('an anonymous class, even with a module', () => {
    expect(
      refusal(
        class extends Plain {
          static readonly module = import.meta.url
        },
      ),
    ).toMatchInlineSnapshot(
      `"an anonymous class cannot be found again in another process: export it under a name and add inside the class: static readonly module = import.meta.url"`,
    )
  })

  test('a bound function, without suggesting a line that does not parse', () => {
    expect(refusal(fixture.work.bind(null, 1))).toMatchInlineSnapshot(
      `"function "bound work" cannot be found again in another process: it has no "module" property of its own. Export it and add after it: theFunction.module = import.meta.url"`,
    )
  })

  test('a class with a static member that hides its name', () => {
    class Hidden extends Plain {
      static readonly module = import.meta.url
    }
    Object.defineProperty(Hidden, 'name', { value: () => 'a method' })
    expect(refusal(Hidden)).toMatchInlineSnapshot(
      `"a class whose static "name" is a function cannot be found again in another process: rename that member, or use moduleRef(…).export(…)"`,
    )
  })

  test.each([
    'data:text/javascript,export function work() {}',
    'http://host/work.js',
    'node:fs',
    './work.js',
    '/data/work.js',
    '',
  ])('the module %j', (module) => {
    expect(refusal(named(module))).toBe(
      `the module "${module}" is not named by a file: URL; give import.meta.url or new URL('./module.js', import.meta.url)`,
    )
  })

  test('a module property that is not a string', () => {
    class Unset extends Plain {
      static readonly module = undefined
    }
    expect(refusal(Unset)).toMatchInlineSnapshot(
      `"the "module" property of class "Unset" is undefined, not the URL of a module: add inside the class: static readonly module = import.meta.url"`,
    )
    expect(refusal(Object.assign(plain.bind(null), { module: 3 }))).toMatchInlineSnapshot(
      `"the "module" property of function "bound plain" is a number, not the URL of a module: add after it: theFunction.module = import.meta.url"`,
    )
    expect(refusal(named(new URL(import.meta.url)))).toMatchInlineSnapshot(
      `"the "module" property of function "task" is an object, not the URL of a module: add after it: task.module = import.meta.url"`,
    )
  })

  test('values that are no functions', () => {
    const values = [undefined, null, 'work', 3, {}, { url: workUrl, exportName: 'work' }]
    expect(values.map(refusal)).toMatchInlineSnapshot(`
      [
        "undefined cannot run in another process: give an exported function or class, or moduleRef(…).export(…)",
        "null cannot run in another process: give an exported function or class, or moduleRef(…).export(…)",
        "a string cannot run in another process: give an exported function or class, or moduleRef(…).export(…)",
        "a number cannot run in another process: give an exported function or class, or moduleRef(…).export(…)",
        "an object cannot run in another process: give an exported function or class, or moduleRef(…).export(…)",
        "an object cannot run in another process: give an exported function or class, or moduleRef(…).export(…)",
      ]
    `)
  })

  test('with an error that names the target', () => {
    expect(thrownBy(plain)).toMatchObject({
      name: 'NotImportableError',
      code: 'NOT_IMPORTABLE',
      target: 'plain',
    })
  })
})

function named<Module>(module: Module): (() => void) & { module: Module } {
  return Object.assign(function task() {}, { module })
}

function refusal(target: unknown): string {
  const error = thrownBy(target)
  if (error instanceof NotImportableError) return error.message
  throw new Error('it threw something else', { cause: error })
}

function thrownBy(target: unknown): unknown {
  try {
    // What the types refuse is passed the way that plain JavaScript would.
    Reflect.apply(locateExport, undefined, [target])
  } catch (error) {
    return error
  }
  throw new Error('it did not throw')
}
