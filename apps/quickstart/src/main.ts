import {
  AsyncServlet,
  EnsembleServlet,
  isMainModule,
  makeWorker,
  ProcessServlet,
  SequentialServlet,
  Server,
  Worker,
} from '@mpservice/server'

type Sequence = string | number[]

export class GetHead extends Worker<Sequence, string | number> {
  static readonly module = import.meta.url
  call(x: Sequence) {
    return x.at(0) ?? ''
  }
}

export class GetTail extends Worker<Sequence, string | number> {
  static readonly module = import.meta.url
  call(x: Sequence) {
    return x.at(-1) ?? ''
  }
}

export class GetLen extends Worker<Sequence, number> {
  static readonly module = import.meta.url
  call(x: Sequence) {
    return x.length
  }
}

export class Salute extends Worker<string | number, string> {
  static readonly module = import.meta.url
  call(x: string | number) {
    return `Hello, ${x}!`
  }
}

// This file is imported again in every worker process: only what is below runs just once.
if (isMainModule(import.meta.url)) {
  const pipeline = new SequentialServlet(
    new EnsembleServlet([
      new ProcessServlet(GetHead), // one process
      new ProcessServlet(GetTail, { cpus: 2 }), // two processes
      new ProcessServlet(GetLen, { cpus: [0] }), // one process, pinned to CPU 0
    ]),
    new AsyncServlet(
      makeWorker(([head, tail, length]) =>
        typeof head === 'number' ? (head + Number(tail)) * length : `${head}${tail}`.repeat(length),
      ),
    ),
    new ProcessServlet(Salute),
  )
  await using server = await Server.start(pipeline)
  for await (const greeting of server.stream(['world', [1, 2, 3, 4]])) console.log(greeting)
}
