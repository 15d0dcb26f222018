import {
  AsyncServlet,
  EnsembleServlet,
  isEnsembleError,
  isWorkerCrashedError,
  ProcessServlet,
  SequentialServlet,
  type Servlet,
  SwitchServlet,
  ThreadServlet,
} from '@mpservice/server'
import * as fc from 'fast-check'
import { BatchLeaf, Leaf, memberFor } from './fixtures/model-workers.js'

/** What servlets a server is made of. */
export type Tree =
  | TreeLeaf
  | { readonly kind: 'sequential' | 'switch'; readonly members: readonly Tree[] }
  | { readonly kind: 'ensemble'; readonly members: readonly Tree[]; readonly failFast: boolean }

interface TreeLeaf {
  readonly kind: 'async' | 'thread' | 'process'
  readonly workers: number
  /** How many items, or batches, each worker has at a time. */
  readonly concurrency: number
  /** For workers that take batches. */
  readonly batchSize: number | undefined
}

/** What a leaf does with a call, other than to answer at once. */
export type Act = 'throw' | 'throw later' | 'later' | 'slow' | 'die'

/** A call, the input of the tree. */
export interface ModelCall {
  readonly id: number
  /** By the names of leaves. */
  readonly acts: Readonly<Record<string, Act>>
}

/** What has to come of a call. */
type Expected =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'tuple'; readonly members: readonly Expected[] }
  | { readonly kind: 'answer'; readonly by: string; readonly of: Expected }
  | { readonly kind: 'threw'; readonly message: string }
  | { readonly kind: 'crashed'; readonly leaf: string }
  | { readonly kind: 'ensemble'; readonly causes: readonly Expected[] }

/** Trees of at most a few leaves, since each of them takes time to start. */
export const trees: fc.Arbitrary<Tree> = fc
  .letrec<{ tree: Tree; leaf: Tree }>((tie) => ({
    leaf: fc.record({
      kind: fc.constantFrom('async', 'thread', 'process'),
      workers: fc.integer({ min: 1, max: 2 }),
      concurrency: fc.constantFrom(1, 1, 4),
      batchSize: fc.constantFrom(undefined, undefined, 3),
    }),
    tree: fc.oneof(
      { maxDepth: 2, depthIdentifier: 'tree', withCrossShrink: true },
      tie('leaf'),
      fc.record({
        kind: fc.constantFrom('sequential', 'switch'),
        members: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
      }),
      fc.record({
        kind: fc.constant('ensemble' as const),
        members: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
        failFast: fc.boolean(),
      }),
    ),
  }))
  .tree.filter((tree) => leavesOf(tree).length <= 4)

/** The names of the leaves of a tree: their places in it. */
export function leavesOf(tree: Tree, place = '/'): string[] {
  if (!('members' in tree)) return [place]
  return tree.members.flatMap((member, index) => leavesOf(member, `${place}${index}/`))
}

/** The servlet of a tree; its leaves on the event loop report to the gauge. */
export function servletOf(tree: Tree, gauge: object, place = '/'): Servlet<unknown, unknown> {
  if (!('members' in tree)) return leafServlet(tree, gauge, place)
  const members = tree.members.map((member, index) => servletOf(member, gauge, `${place}${index}/`))
  if (tree.kind === 'ensemble') return new EnsembleServlet(members, { failFast: tree.failFast })
  if (tree.kind === 'switch') {
    return new SwitchServlet(members, (value: unknown) => memberFor(value, members.length))
  }
  const [first, ...others] = members
  return others.reduce((all, each) => new SequentialServlet(all, each), first!)
}

/** What has to come of a call that has all the time it needs. */
export function evaluate(
  tree: Tree,
  call: ModelCall,
  input: Expected = { kind: 'value', value: call },
  place = '/',
): Expected {
  switch (tree.kind) {
    case 'sequential':
      return tree.members.reduce(
        (value, member, index) =>
          isFailure(value) ? value : evaluate(member, call, value, `${place}${index}/`),
        input,
      )
    case 'switch': {
      const index = call.id % tree.members.length
      return evaluate(tree.members[index]!, call, input, `${place}${index}/`)
    }
    case 'ensemble': {
      const members = tree.members.map((member, index) =>
        evaluate(member, call, input, `${place}${index}/`),
      )
      const failures = members.filter(isFailure)
      const hasFailed = tree.failFast ? failures.length > 0 : failures.length === members.length
      if (!hasFailed) return { kind: 'tuple', members }
      return { kind: 'ensemble', causes: tree.failFast ? failures : failures.slice(0, 1) }
    }
    default: {
      const act = call.acts[place]
      if (act === 'throw' || act === 'throw later') {
        return { kind: 'threw', message: `${call.id} at ${place}` }
      }
      if (act === 'die' && mayDie(tree)) return { kind: 'crashed', leaf: place }
      return { kind: 'answer', by: place, of: input }
    }
  }
}

/** Whether this is what had to come of a call. */
export function isAsExpected(expected: Expected, hasThrown: boolean, actual: unknown): boolean {
  return hasThrown === isFailure(expected) && matches(expected, actual)
}

function matches(expected: Expected, actual: unknown): boolean {
  switch (expected.kind) {
    case 'value':
      return Object(actual).id === Object(expected.value).id
    case 'tuple':
      return (
        Array.isArray(actual) &&
        actual.length === expected.members.length &&
        expected.members.every((member, index) => matches(member, actual[index]))
      )
    case 'answer':
      return Object(actual).by === expected.by && matches(expected.of, Object(actual).of)
    case 'threw':
      return actual instanceof Error && actual.message === expected.message
    case 'crashed':
      return isWorkerCrashedError(actual) && actual.workerName.startsWith(`${expected.leaf}-`)
    default:
      return isEnsembleError(actual) && expected.causes.some((each) => matches(each, actual.cause))
  }
}

function isFailure({ kind }: Expected): boolean {
  return kind === 'threw' || kind === 'crashed' || kind === 'ensemble'
}

function leafServlet(leaf: TreeLeaf, gauge: object, place: string): Servlet<unknown, unknown> {
  const { kind, workers, concurrency, batchSize } = leaf
  const options = {
    name: place,
    concurrency,
    args: { leaf: place, mayDie: mayDie(leaf), ...(kind === 'async' && { gauge }) },
    ...(batchSize !== undefined && { batchSize, batchWaitMs: 1 }),
  }
  const worker = batchSize === undefined ? Leaf : BatchLeaf
  if (kind === 'async') return new AsyncServlet(worker, options)
  return kind === 'thread'
    ? new ThreadServlet(worker, { ...options, threads: workers })
    : new ProcessServlet(worker, { ...options, cpus: workers })
}

/** Whether the death of a worker is that of one item. */
function mayDie({ kind, concurrency, batchSize }: TreeLeaf): boolean {
  return kind !== 'async' && concurrency === 1 && batchSize === undefined
}
