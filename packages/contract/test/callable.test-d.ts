import type {
  Callable,
  CallOptions,
  Servable,
  StreamInput,
  StreamOptions,
} from '@mpservice/contract'
import { describe, expectTypeOf, test } from 'vitest'

declare class Server<Input, Output> {
  call(input: Input, options?: CallOptions): Promise<Output>
  stream(
    inputs: StreamInput<Input>,
    options?: StreamOptions & { readonly ordered?: boolean | undefined },
  ): AsyncGenerator<Output>
  debugInfo(): { backlog: number }
}

describe('Callable', () => {
  test('is met by a class with methods', () => {
    expectTypeOf<Server<string, number>>().toExtend<Callable<string, number>>()
  })

  test('is met by an object with a function of one parameter', () => {
    expectTypeOf<{ call: (x: string) => Promise<number> }>().toExtend<Callable<string, number>>()
  })

  test('takes a wider input and gives a narrower output, not the other way round', () => {
    expectTypeOf<Server<unknown, 1>>().toExtend<Callable<string, number>>()
    expectTypeOf<Server<'a', number>>().not.toExtend<Callable<string, number>>()
    expectTypeOf<Server<string, unknown>>().not.toExtend<Callable<string, number>>()
  })

  test('must answer with a promise', () => {
    expectTypeOf<{ call(x: string): number }>().not.toExtend<Callable<string, number>>()
  })
})

describe('Servable', () => {
  test('is met by a class with methods, and its input and output are inferred', () => {
    expectTypeOf(serve(server)).toEqualTypeOf<[string, number]>()
    // @ts-expect-error Type 'unknown' is not assignable to type 'string'
    serve<unknown, number>(server)
    // @ts-expect-error Type 'number' is not assignable to type 'string'
    serve<string, string>(server)
  })

  test('needs nothing but call', () => {
    expectTypeOf(serve(callable)).toEqualTypeOf<[string, number]>()
  })

  test('streams from arrays, generators and readable streams', () => {
    expectTypeOf<string[]>().toExtend<StreamInput<string>>()
    expectTypeOf<AsyncGenerator<string>>().toExtend<StreamInput<string>>()
    expectTypeOf<ReadableStream<string>>().toExtend<StreamInput<string>>()
    expectTypeOf<number[]>().not.toExtend<StreamInput<string>>()
  })
})

declare const server: Server<string, number>
declare const callable: Callable<string, number>
declare function serve<Input, Output>(servable: Servable<Input, Output>): [Input, Output]
