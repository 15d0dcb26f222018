import {
  AsyncServlet,
  makeWorker,
  moduleRef,
  ProcessServlet,
  SequentialServlet,
  SyncServer,
  type SyncStreamOptions,
  Worker,
} from '@mpservice/server'
import { describe, expectTypeOf, test } from 'vitest'

class Measure extends Worker<string, number> {
  static readonly module = import.meta.url
  call(text: string) {
    return text.length
  }
}

function makePipeline() {
  return new SequentialServlet(
    new ProcessServlet(Measure),
    new AsyncServlet(makeWorker((size) => ({ size }))),
  )
}
makePipeline.module = import.meta.url

async function makeLater() {
  return new ProcessServlet(Measure)
}
makeLater.module = import.meta.url

const makeUnplaced = () => new ProcessServlet(Measure)

describe('types of a server for code that cannot wait', () => {
  test('come from the servlet that the function makes', () => {
    const server = SyncServer.start(makePipeline)
    expectTypeOf(server).toEqualTypeOf<SyncServer<string, { size: number }>>()
    expectTypeOf(server.callSync('a', { timeoutMs: 5 })).toEqualTypeOf<{ size: number }>()
    expectTypeOf(SyncServer.start(makeLater)).toEqualTypeOf<SyncServer<string, number>>()
    const module = moduleRef<{ makeLater: typeof makeLater }>('file:///work.js')
    expectTypeOf(SyncServer.start(module.export('makeLater'))).toEqualTypeOf<
      SyncServer<string, number>
    >()
  })

  test('make the elements of a stream as its options say', () => {
    const server = SyncServer.start(makeLater)
    expectTypeOf(server.streamSync(['a'])).toEqualTypeOf<Generator<number, void, undefined>>()
    expectTypeOf(server.streamSync(new Set(['a']), { returnX: true })).toEqualTypeOf<
      Generator<[x: string, result: number], void, undefined>
    >()
    expectTypeOf(server.streamSync(['a'], { returnExceptions: true })).toEqualTypeOf<
      Generator<number | Error, void, undefined>
    >()
    const options: SyncStreamOptions = {}
    expectTypeOf(server.streamSync(['a'], options)).toEqualTypeOf<
      Generator<number | Error | [x: string, result: number | Error], void, undefined>
    >()
  })

  test('refuse what does not fit', () => {
    const server = SyncServer.start(makeLater)
    // @ts-expect-error: the input is a text
    server.callSync(1)
    // @ts-expect-error: the inputs are texts
    server.streamSync([1])
    // @ts-expect-error: nobody could abort it
    server.callSync('a', { signal: new AbortController().signal })
    // @ts-expect-error: it does not wait for inputs
    server.streamSync(ReadableStream.from(['a']))
    // @ts-expect-error: there is no module property
    SyncServer.start(makeUnplaced)
    // @ts-expect-error: it makes no servlet
    SyncServer.start(Object.assign(() => 1, { module: import.meta.url }))
  })
})
