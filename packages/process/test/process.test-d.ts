import { moduleRef, Process } from '@mpservice/process'
import { expectTypeOf, test } from 'vitest'

function add(a: number, b: number) {
  return a + b
}
add.module = import.meta.url

async function load(path?: string) {
  return { path }
}
load.module = import.meta.url

function local() {}

test('the result is what the function returns, awaited', () => {
  expectTypeOf(Process.start(add, { args: [1, 2] }).result()).toEqualTypeOf<Promise<number>>()
  expectTypeOf(Process.start(load).result()).toEqualTypeOf<Promise<{ path: string | undefined }>>()
})

test('the arguments are those of the function', () => {
  Process.start(load)
  Process.start(load, { args: ['model.bin'], cpus: [0], name: 'loader' })
  // @ts-expect-error: arguments are missing
  Process.start(add)
  // @ts-expect-error: an argument is missing
  Process.start(add, { args: [1] })
  // @ts-expect-error: an argument has the wrong type
  Process.start(add, { args: [1, '2'] })
})

test('a function without its module is refused', () => {
  // @ts-expect-error: there is no module property
  Process.start(local)
})

test('types come through a module reference', () => {
  const module = moduleRef<{ add: typeof add }>(import.meta.url)
  const child = Process.start(module.export('add'), { args: [1, 2] })
  expectTypeOf(child.result()).toEqualTypeOf<Promise<number>>()
  // @ts-expect-error: arguments are missing
  Process.start(module.export('add'))
})
