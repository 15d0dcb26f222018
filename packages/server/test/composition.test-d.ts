import {
  AsyncServlet,
  EnsembleServlet,
  makeWorker,
  moduleRef,
  PassThrough,
  ProcessServlet,
  SequentialServlet,
  Server,
  type Servable,
  type ServerStreamOptions,
  type ServletInput,
  type ServletOutput,
  SwitchServlet,
  Worker,
  type WorkerContext,
} from '@mpservice/server'
import { describe, expectTypeOf, test } from 'vitest'

class GetHead extends Worker<string | number[], string | number> {
  static readonly module = import.meta.url
  call(x: string | number[]) {
    return x[0] ?? ''
  }
}

class GetLen extends Worker<string | number[], number> {
  static readonly module = import.meta.url
  call(x: string | number[]) {
    return x.length
  }
}

class Salute extends Worker<string, string> {
  static readonly module = import.meta.url
  async call(x: string) {
    return `Hello, ${x}!`
  }
}

class Model extends Worker<string, number> {
  static readonly module = import.meta.url
  readonly #scale: number
  constructor(context: WorkerContext, args: { scale: number }) {
    super(context)
    this.#scale = args.scale
  }
  call(x: string) {
    return x.length * this.#scale
  }
}

class Unplaced extends Worker<string, string> {
  call(x: string) {
    return x
  }
}

describe('types of servlets', () => {
  test('come from the worker class', () => {
    const servlet = new ProcessServlet(GetHead)
    expectTypeOf<ServletInput<typeof servlet>>().toEqualTypeOf<string | number[]>()
    expectTypeOf<ServletOutput<typeof servlet>>().toEqualTypeOf<string | number>()
  })

  test('are awaited results for async workers', () => {
    const servlet = new ProcessServlet(Salute)
    expectTypeOf<ServletOutput<typeof servlet>>().toEqualTypeOf<string>()
  })

  test('demand the args of the worker', () => {
    new ProcessServlet(Model, { args: { scale: 2 } })
    // @ts-expect-error: args are missing
    new ProcessServlet(Model)
    // @ts-expect-error: args are of the wrong type
    new ProcessServlet(Model, { args: { scale: 'two' } })
  })

  test('refuse a class without its module, and a closure, in processes', () => {
    // @ts-expect-error: there is no module property
    new ProcessServlet(Unplaced)
    // @ts-expect-error: a made worker exists in this process only
    new ProcessServlet(makeWorker((x: number) => x))
    new AsyncServlet(Unplaced)
  })

  test('come through a module reference', () => {
    const module = moduleRef<{ GetLen: typeof GetLen; version: string }>(import.meta.url)
    const servlet = new ProcessServlet(module.export('GetLen'))
    expectTypeOf<ServletOutput<typeof servlet>>().toEqualTypeOf<number>()
    // @ts-expect-error: it is no function or class
    module.export('version')
  })
})

describe('types of compositions', () => {
  const ensemble = new EnsembleServlet([
    new ProcessServlet(GetHead, { cpus: [0] }),
    new ProcessServlet(GetLen, { cpus: 2 }),
  ])

  test('an ensemble gives the tuple of its members', () => {
    expectTypeOf<ServletInput<typeof ensemble>>().toEqualTypeOf<string | number[]>()
    expectTypeOf<ServletOutput<typeof ensemble>>().toEqualTypeOf<[string | number, number]>()
  })

  test('an ensemble that does not fail fast gives errors in place of results', () => {
    const lenient = new EnsembleServlet([new ProcessServlet(GetHead), new ProcessServlet(GetLen)], {
      failFast: false,
    })
    expectTypeOf<ServletOutput<typeof lenient>>().toEqualTypeOf<
      [string | number | Error, number | Error]
    >()
  })

  test('an ensemble takes what all of its members take', () => {
    const mixed = new EnsembleServlet([
      new AsyncServlet(makeWorker((x: string | number) => x)),
      new AsyncServlet(makeWorker((x: number | boolean) => x)),
    ])
    expectTypeOf<ServletInput<typeof mixed>>().toEqualTypeOf<number>()
  })

  test('an ensemble whose members take nothing in common does not compile', () => {
    const texts = new AsyncServlet(makeWorker((x: string) => x))
    const counts = new AsyncServlet(makeWorker((x: number) => x))
    // @ts-expect-error: there is nothing that all members take
    new EnsembleServlet([texts, counts])
    // @ts-expect-error: there is nothing that all members take
    new EnsembleServlet([texts, new EnsembleServlet([counts, counts])], { failFast: false })
    new EnsembleServlet([texts])
    new EnsembleServlet([texts, new AsyncServlet(makeWorker((x: string | number) => x))])
    const many = [texts, texts]
    expectTypeOf<ServletInput<EnsembleServlet<typeof many>>>().toEqualTypeOf<string>()
    new EnsembleServlet(many)
  })

  test('a member that takes nothing takes anything', () => {
    const members = new EnsembleServlet([
      new AsyncServlet(makeWorker(() => 'constant')),
      new ProcessServlet(GetLen),
    ])
    expectTypeOf<ServletInput<typeof members>>().toEqualTypeOf<string | number[]>()
  })

  test('a switch takes what any of its members takes, and gives what they give', () => {
    const either = new SwitchServlet(
      [new ProcessServlet(Salute), new AsyncServlet(makeWorker((x: Date) => x.getTime()))],
      (x) => {
        expectTypeOf(x).toEqualTypeOf<string | Date>()
        return typeof x === 'string' ? 0 : 1
      },
    )
    expectTypeOf<ServletInput<typeof either>>().toEqualTypeOf<string | Date>()
    expectTypeOf<ServletOutput<typeof either>>().toEqualTypeOf<string | number>()
  })

  test('a switch takes what its function takes', () => {
    const members = [new ProcessServlet(GetLen), new ProcessServlet(Salute)] as const
    const texts = new SwitchServlet(members, (x: string) => x.length % 2, { name: 'texts' })
    expectTypeOf<ServletInput<typeof texts>>().toEqualTypeOf<string>()
    expectTypeOf<ServletOutput<typeof texts>>().toEqualTypeOf<number | string>()
    let turn = 0
    const inTurn = new SwitchServlet(members, () => turn++ % 2)
    expectTypeOf<ServletInput<typeof inTurn>>().toEqualTypeOf<string | number[]>()
    const anything = new SwitchServlet(members, (x: unknown) => (typeof x === 'string' ? 1 : 0))
    expectTypeOf<ServletInput<typeof anything>>().toEqualTypeOf<string | number[]>()
    // @ts-expect-error: no member takes booleans
    new SwitchServlet(members, (x: boolean) => (x ? 1 : 0))
    // @ts-expect-error: an index is a number
    new SwitchServlet(members, (x: string) => x)
    // @ts-expect-error: the index is to be given at once
    new SwitchServlet(members, async (x: string) => x.length % 2)
  })

  test('a switch fits between stages', () => {
    const pipeline = new SequentialServlet(
      new ProcessServlet(GetHead),
      new SwitchServlet(
        [
          new AsyncServlet(makeWorker((x: string) => x.length)),
          new AsyncServlet(makeWorker((x: number) => `${x}`)),
        ],
        (x) => (typeof x === 'string' ? 0 : 1),
      ),
      new AsyncServlet(
        makeWorker((x) => {
          expectTypeOf(x).toEqualTypeOf<string | number>()
          return [x]
        }),
      ),
    )
    expectTypeOf<ServletInput<typeof pipeline>>().toEqualTypeOf<string | number[]>()
    expectTypeOf<ServletOutput<typeof pipeline>>().toEqualTypeOf<(string | number)[]>()
    const members = [new ProcessServlet(Salute), new ProcessServlet(Salute)] as const
    // @ts-expect-error: a number goes out, texts go in
    new SequentialServlet(new ProcessServlet(GetLen), new SwitchServlet(members, () => 0))
  })

  test('each stage of a sequence is inferred from the one before', async () => {
    const pipeline = new SequentialServlet(
      ensemble,
      new AsyncServlet(
        makeWorker(([head, length]) => {
          expectTypeOf(head).toEqualTypeOf<string | number>()
          expectTypeOf(length).toEqualTypeOf<number>()
          return `${head}`.repeat(length)
        }),
      ),
      new ProcessServlet(Salute),
    )
    expectTypeOf<ServletInput<typeof pipeline>>().toEqualTypeOf<string | number[]>()
    expectTypeOf<ServletOutput<typeof pipeline>>().toEqualTypeOf<string>()
    const server = await Server.start(pipeline)
    expectTypeOf(server.call('world')).toEqualTypeOf<Promise<string>>()
    // @ts-expect-error: the first stage takes no boolean
    void server.call(true)
  })

  test('stages that do not fit do not compile', () => {
    // @ts-expect-error: a number goes out, a string goes in
    new SequentialServlet(new ProcessServlet(GetLen), new ProcessServlet(Salute))
    // @ts-expect-error: a tuple goes out, a string goes in
    new SequentialServlet(ensemble, new ProcessServlet(Salute))
  })

  test('a stage may take more than the one before gives', () => {
    const wide = new SequentialServlet(new ProcessServlet(Salute), new ProcessServlet(GetHead))
    expectTypeOf<ServletInput<typeof wide>>().toEqualTypeOf<string>()
  })

  test('a pass-through keeps the type of its item', () => {
    const both = new EnsembleServlet([
      new AsyncServlet(PassThrough<string>),
      new ProcessServlet(Salute),
    ])
    expectTypeOf<ServletOutput<typeof both>>().toEqualTypeOf<[string, string]>()
    new ProcessServlet(PassThrough<string>)
  })

  test('compositions nest', () => {
    const nested = new EnsembleServlet([ensemble, new ProcessServlet(GetLen)])
    expectTypeOf<ServletOutput<typeof nested>>().toEqualTypeOf<
      [[string | number, number], number]
    >()
  })
})

describe('types of streams', () => {
  const start = () => Server.start(new ProcessServlet(GetLen))

  test('elements are results', async () => {
    const server = await start()
    for await (const y of server.stream(['a', 'b'])) expectTypeOf(y).toEqualTypeOf<number>()
  })

  test('returnX pairs them with the inputs', async () => {
    const server = await start()
    for await (const pair of server.stream(['a', 'b'], { returnX: true })) {
      expectTypeOf(pair).toEqualTypeOf<[x: string | number[], result: number]>()
    }
  })

  test('returnExceptions adds errors', async () => {
    const server = await start()
    const options = { returnX: true, returnExceptions: true } as const
    for await (const [, y] of server.stream(['a', 'b'], options)) {
      expectTypeOf(y).toEqualTypeOf<number | Error>()
    }
  })

  test('settled tells results from errors', async () => {
    const server = await start()
    for await (const y of server.stream(['a'], { settled: true })) {
      expectTypeOf(y).toEqualTypeOf<PromiseSettledResult<number>>()
      if (y.status === 'fulfilled') expectTypeOf(y.value).toEqualTypeOf<number>()
    }
    for await (const pair of server.stream(['a'], { settled: true, returnX: true })) {
      expectTypeOf(pair).toEqualTypeOf<
        [x: string | number[], result: PromiseSettledResult<number>]
      >()
    }
  })

  test('the order does not change them', async () => {
    const server = await start()
    for await (const y of server.stream(['a'], { ordered: false })) {
      expectTypeOf(y).toEqualTypeOf<number>()
    }
  })

  test('a preprocessor types the inputs of the stream', async () => {
    const server = await start()
    const repeat = { preprocessor: (x: number) => 'a'.repeat(x), returnX: true } as const
    for await (const pair of server.stream([1, 2], repeat)) {
      expectTypeOf(pair).toEqualTypeOf<[x: number, result: number]>()
    }
    const later = server.stream(new Set([new Date()]), {
      preprocessor: async (date) => {
        expectTypeOf(date).toEqualTypeOf<Date>()
        return date.toISOString()
      },
      returnX: true,
      settled: true,
    })
    for await (const pair of later) {
      expectTypeOf(pair).toEqualTypeOf<[x: Date, result: PromiseSettledResult<number>]>()
    }
    // @ts-expect-error: it takes numbers, not texts
    server.stream(['a'], { preprocessor: (x: number) => 'a'.repeat(x) })
    // @ts-expect-error: the servlet takes no booleans
    server.stream([1], { preprocessor: (x: number) => x > 0 })
  })

  test('options that are not known give any of the shapes', async () => {
    const server = await start()
    const pairs: boolean = Math.random() < 0.5
    for await (const y of server.stream(['a'], { returnX: pairs })) {
      expectTypeOf(y).toEqualTypeOf<number | [x: string | number[], result: number]>()
    }
    const options: ServerStreamOptions = {}
    for await (const y of server.stream(['a'], options)) {
      type Result = number | Error | PromiseSettledResult<number>
      expectTypeOf(y).toEqualTypeOf<Result | [x: string | number[], result: Result]>()
    }
  })

  test('inputs must be what the servlet takes', async () => {
    const server = await start()
    // @ts-expect-error: booleans are not taken
    server.stream([true])
    // @ts-expect-error: it is no option
    server.stream(['a'], { order: false })
    // @ts-expect-error: it is true or false
    server.stream(['a'], { settled: 'yes' })
  })

  test('a server is servable', async () => {
    const servable: Servable<string | number[], number> = await start()
    expectTypeOf(servable.call('a')).toEqualTypeOf<Promise<number>>()
    // @ts-expect-error: it gives numbers
    const other: Servable<string, string> = await start()
    expectTypeOf(other).not.toBeAny()
  })
})
