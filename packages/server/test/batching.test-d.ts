import {
  AsyncServlet,
  BatchWorker,
  ProcessServlet,
  RemoteException,
  SequentialServlet,
  type ServletInput,
  type ServletOutput,
  ThreadServlet,
  Worker,
} from '@mpservice/server'
import { describe, expectTypeOf, test } from 'vitest'

class Classify extends BatchWorker<string, number> {
  static readonly module = import.meta.url
  call(texts: string[]) {
    return texts.map((text) =>
      text === '' ? new RemoteException(new Error('empty')) : text.length,
    )
  }
}

class Measure extends BatchWorker<string, number, { readonly bytes: Uint8Array }> {
  static readonly module = import.meta.url
  static readonly batchSize = 64
  override preprocess(text: string) {
    return { bytes: Buffer.from(text) }
  }
  async call(prepared: { readonly bytes: Uint8Array }[]) {
    return prepared.map(({ bytes }) => bytes.length)
  }
}

class Parse extends Worker<string, boolean, { readonly ok: boolean }> {
  static readonly module = import.meta.url
  override async preprocess(text: string) {
    return { ok: text === 'true' }
  }
  call({ ok }: { readonly ok: boolean }) {
    return ok
  }
}

class Flow extends Worker<number, string> {
  static readonly module = import.meta.url
  call(x: number) {
    return String(x)
  }
  override async *stream(inputs: AsyncIterable<number>) {
    for await (const x of inputs) yield String(x)
  }
}

class WantsNumbers extends Worker<number, number> {
  static readonly module = import.meta.url
  call(x: number) {
    return x
  }
}

describe('types of batches', () => {
  test('are those of single items for callers', () => {
    const servlet = new ProcessServlet(Classify, { batchSize: 10 })
    expectTypeOf<ServletInput<typeof servlet>>().toEqualTypeOf<string>()
    expectTypeOf<ServletOutput<typeof servlet>>().toEqualTypeOf<number>()
    const onLoop = new AsyncServlet(Classify, { batchSize: 10 })
    expectTypeOf<ServletInput<typeof onLoop>>().toEqualTypeOf<string>()
  })

  test('do not show what is prepared', () => {
    const measure = new ThreadServlet(Measure)
    expectTypeOf<ServletInput<typeof measure>>().toEqualTypeOf<string>()
    expectTypeOf<ServletOutput<typeof measure>>().toEqualTypeOf<number>()
    const parse = new ThreadServlet(Parse)
    expectTypeOf<ServletInput<typeof parse>>().toEqualTypeOf<string>()
    expectTypeOf<ServletOutput<typeof parse>>().toEqualTypeOf<boolean>()
  })

  test('and of streams fit into pipelines as others do', () => {
    const pipeline = new SequentialServlet(
      new ProcessServlet(Classify, { batchSize: 10 }),
      new ThreadServlet(Flow, { concurrency: 4 }),
    )
    expectTypeOf<ServletInput<typeof pipeline>>().toEqualTypeOf<string>()
    expectTypeOf<ServletOutput<typeof pipeline>>().toEqualTypeOf<string>()
    // @ts-expect-error -- the first stage gives texts
    const wrong = new SequentialServlet(new ThreadServlet(Flow), new ThreadServlet(WantsNumbers))
    expectTypeOf(wrong).not.toBeAny()
  })

  test('of a worker must fit each other', () => {
    class Wrong extends BatchWorker<string, number> {
      // @ts-expect-error -- a batch is a list of texts
      call(texts: number[]) {
        return texts
      }
    }
    class WrongResult extends BatchWorker<string, number> {
      // @ts-expect-error -- its results are numbers
      call(texts: string[]) {
        return texts
      }
    }
    expectTypeOf(Wrong).not.toBeAny()
    expectTypeOf(WrongResult).not.toBeAny()
  })
})
