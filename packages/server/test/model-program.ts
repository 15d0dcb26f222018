import {
  isServerBacklogFullError,
  isServerClosedError,
  isTimeoutError,
  type Server,
} from '@mpservice/server'
import * as fc from 'fast-check'
import {
  type Act,
  evaluate,
  isAsExpected,
  leavesOf,
  type ModelCall,
  type Tree,
} from './model-tree.ts'

/** How a call is made. */
type Manner = 'patient' | 'refusable' | 'hasty' | 'aborted'

/** What is to be done at one leaf, told by a number that is more than there are leaves. */
interface Whim {
  readonly leaf: number
  readonly act: Act
}

interface CallStep {
  readonly kind: 'call'
  readonly count: number
  readonly manner: Manner
  readonly priority: number
  readonly whims: readonly Whim[]
}

interface StreamStep {
  readonly kind: 'stream'
  readonly count: number
  /** After how many elements it is left; if there are so many. */
  readonly leaveAfter: number
  readonly isHasty: boolean
  readonly ordered: boolean
  readonly priority: number
  readonly whims: readonly Whim[]
}

/** Something that is done with a server; `turns` is a pause, in turns of the event loop. */
export type Step =
  | CallStep
  | StreamStep
  | { readonly kind: 'turns'; readonly count: number }
  | { readonly kind: 'capacity'; readonly capacity: number }

/**
 * Steps in a row, each of which begins before those before it have ended.
 *
 * @param isDeadly - Whether workers may die.
 */
export function programs(isDeadly: boolean): fc.Arbitrary<Step[]> {
  const whims = fc.array(
    fc.record({ leaf: fc.nat(9), act: isDeadly ? deadlyActs : harmlessActs }),
    {
      maxLength: 2,
    },
  )
  const call = fc.record({
    kind: fc.constant('call' as const),
    count: fc.integer({ min: 1, max: 20 }),
    manner: fc.constantFrom<Manner[]>('patient', 'patient', 'refusable', 'hasty', 'aborted'),
    priority: priorities,
    whims,
  })
  const stream = fc.record({
    kind: fc.constant('stream' as const),
    count: fc.integer({ min: 0, max: 60 }),
    leaveAfter: fc.oneof(fc.constant(Infinity), fc.nat(20)),
    isHasty: fc.boolean(),
    ordered: fc.boolean(),
    priority: priorities,
    whims,
  })
  const turns = fc.record({ kind: fc.constant('turns' as const), count: fc.nat(8) })
  const capacity = fc.record({ kind: fc.constant('capacity' as const), capacity: capacities })
  return fc.array(
    fc.oneof(
      { weight: 6, arbitrary: call },
      { weight: 2, arbitrary: stream },
      { weight: 2, arbitrary: turns },
      { weight: 1, arbitrary: capacity },
    ),
    { minLength: 4, maxLength: 14 },
  )
}

export const capacities: fc.Arbitrary<number> = fc.constantFrom(1, 2, 5, 16, 256)
const priorities = fc.constantFrom(0, 0, 0, 1, 127, -128)
const harmlessActs = fc.constantFrom<Act[]>('throw', 'throw later', 'later', 'slow')
const deadlyActs = fc.oneof(
  { weight: 30, arbitrary: harmlessActs },
  { weight: 1, arbitrary: fc.constant<Act>('die') },
)

/** Runs programs on one server, and notes what is not as it has to be. */
export class ProgramRunner {
  readonly faults: string[] = []
  readonly #server: Server<unknown, unknown>
  readonly #tree: Tree
  readonly #leaves: readonly string[]
  /** The largest capacity that the server has had. */
  largestCapacity: number
  /** How many items may be in progress; more than the capacity after it has been made smaller. */
  #mostInProgress: number
  #lastId = 0
  #isEnding = false

  constructor(server: Server<unknown, unknown>, tree: Tree) {
    this.#server = server
    this.#tree = tree
    this.#leaves = leavesOf(tree)
    this.largestCapacity = server.capacity
    this.#mostInProgress = server.capacity
  }

  /** From now on, calls and streams may be told that the server is closed. */
  expectEnd(): void {
    this.#isEnding = true
  }

  /** Does all steps; resolves when every call and every stream of them has ended. */
  async run(steps: readonly Step[]): Promise<void> {
    const ends: Promise<void>[] = []
    for (const step of steps) {
      if (step.kind === 'turns') {
        for (let turn = 0; turn < step.count; turn++) await nextTurn()
      } else if (step.kind === 'capacity') this.#setCapacity(step.capacity)
      else if (step.kind === 'stream') ends.push(this.#stream(step))
      else for (let call = 0; call < step.count; call++) ends.push(this.#call(step, call))
      this.#checkBacklog()
    }
    await Promise.all(ends)
  }

  #setCapacity(capacity: number): void {
    this.largestCapacity = Math.max(this.largestCapacity, capacity)
    this.#mostInProgress = Math.max(this.#server.backlog, capacity)
    this.#server.capacity = capacity
  }

  async #call({ manner, priority, whims: wanted }: CallStep, index: number): Promise<void> {
    const call = this.#makeCall(index, wanted)
    const controller = new AbortController()
    const reason = new Error(`${call.id} is not wanted any more`)
    const { capacity } = this.#server
    const answer = this.#server.call(call, {
      backpressure: manner === 'refusable',
      timeoutMs: manner === 'hasty' ? call.id % 4 : 20_000,
      priority,
      ...(manner === 'aborted' && { signal: controller.signal }),
    })
    if (manner === 'aborted') void abortSoon(controller, reason, call.id % 5)
    const [hasThrown, outcome] = await settle(answer)
    this.#checkBacklog()
    if (hasThrown) {
      if (manner === 'aborted' && outcome === reason) return
      if (manner === 'refusable' && isRefusal(outcome, capacity)) return
      if (this.#isCutShort(outcome, manner === 'hasty')) return
    }
    this.#checkOutcome(call, hasThrown, outcome)
  }

  async #stream(step: StreamStep): Promise<void> {
    const { count, leaveAfter, isHasty, ordered, priority, whims: wanted } = step
    const calls = Array.from({ length: count }, (_, index) => this.#makeCall(index, wanted))
    let read = 0
    let taken = 0
    const seen = new Set<ModelCall>()
    function* inputs() {
      for (const call of calls) {
        read++
        yield call
      }
    }
    const timeoutMs = isHasty ? 4 : 20_000
    const shape = { returnX: true, returnExceptions: true, ordered } as const
    const options = { ...shape, timeoutMs, priority }
    try {
      for await (const [input, outcome] of this.#server.stream(inputs(), options)) {
        const call = ordered
          ? calls[taken]
          : calls.find((each) => !seen.has(each) && each === input)
        taken++
        if (call !== undefined) seen.add(call)
        if (call === undefined || input !== call) this.faults.push(`element ${taken} is of another`)
        else if (!this.#isCutShort(outcome, isHasty)) {
          this.#checkOutcome(call, outcome instanceof Error, outcome)
        }
        if (read - taken > this.largestCapacity) this.faults.push(`${read} read, ${taken} taken`)
        this.#checkBacklog()
        if (taken >= leaveAfter) return
      }
      if (taken !== count) this.faults.push(`${taken} elements of ${count}`)
    } catch (error) {
      if (!this.#isEnding || !isServerClosedError(error))
        this.faults.push(`a stream: ${String(error)}`)
    }
  }

  #makeCall(index: number, wanted: readonly Whim[]): ModelCall {
    // Of many calls, each second one has no whims.
    const own = index % 2 === 0 ? wanted : []
    const acts = own.map(({ leaf, act }) => [this.#leaves[leaf % this.#leaves.length], act])
    return { id: ++this.#lastId, acts: Object.fromEntries(acts) }
  }

  #checkOutcome(call: ModelCall, hasThrown: boolean, outcome: unknown): void {
    const expected = evaluate(this.#tree, call)
    if (isAsExpected(expected, hasThrown, outcome)) return
    const told = outcome instanceof Error ? String(outcome) : JSON.stringify(outcome)
    this.faults.push(`${JSON.stringify(call)} gave ${told}, not ${JSON.stringify(expected)}`)
  }

  /** Whether an item has ended before its outcome was known, as it may. */
  #isCutShort(error: unknown, isHasty: boolean): boolean {
    return (isHasty && isTimeoutError(error)) || (this.#isEnding && isServerClosedError(error))
  }

  #checkBacklog(): void {
    const { backlog, capacity } = this.#server
    if (backlog > this.#mostInProgress) {
      this.faults.push(`${backlog} items in progress, of ${capacity}`)
    }
    this.#mostInProgress = Math.max(capacity, backlog)
  }
}

function isRefusal(error: unknown, capacity: number): boolean {
  return isServerBacklogFullError(error) && error.capacity === capacity && error.backlog >= capacity
}

async function settle(promise: Promise<unknown>): Promise<[hasThrown: boolean, outcome: unknown]> {
  try {
    return [false, await promise]
  } catch (error) {
    return [true, error]
  }
}

async function abortSoon(controller: AbortController, reason: Error, turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await nextTurn()
  controller.abort(reason)
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
