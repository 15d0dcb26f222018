import type { Variant } from './variant.ts'

/** What is known of a variant before it is loaded. */
export interface VariantEntry {
  readonly name: string
  /** Ours, another library, or Node's bare mechanism, which tells what is possible. */
  readonly origin: 'own' | 'peer' | 'raw'
  /** Where its workers run. */
  readonly kind: 'process' | 'thread'
  /** The only workloads that it can do, where that are not all. */
  readonly only?: readonly string[]
  /** Loads the variant and its library; only the process that measures it does. */
  load(): Promise<{ readonly variant: Variant }>
}

/** Whether a variant can do a workload; one that is not made for all can do nothing else. */
export function takesPart({ only }: VariantEntry, workload: string): boolean {
  return only === undefined ? workload !== 'sync' : only.includes(workload)
}

/** The variant that all others are compared with. */
export const referenceName = 'mpservice-process'

/** All variants; tables list them in this order. */
export const variants: readonly VariantEntry[] = [
  {
    name: referenceName,
    origin: 'own',
    kind: 'process',
    load: () => import('./variants/mpservice-process.ts'),
  },
  {
    name: 'tinypool-process',
    origin: 'peer',
    kind: 'process',
    load: () => import('./variants/tinypool-process.ts'),
  },
  {
    name: 'workerpool-process',
    origin: 'peer',
    kind: 'process',
    load: () => import('./variants/workerpool-process.ts'),
  },
  {
    name: 'poolifier-cluster',
    origin: 'peer',
    kind: 'process',
    load: () => import('./variants/poolifier-cluster.ts'),
  },
  {
    name: 'jest-worker-process',
    origin: 'peer',
    kind: 'process',
    load: () => import('./variants/jest-worker-process.ts'),
  },
  {
    name: 'mpservice-thread',
    origin: 'own',
    kind: 'thread',
    load: () => import('./variants/mpservice-thread.ts'),
  },
  {
    name: 'piscina',
    origin: 'peer',
    kind: 'thread',
    load: () => import('./variants/piscina.ts'),
  },
  {
    name: 'piscina-tuned',
    origin: 'peer',
    kind: 'thread',
    load: () => import('./variants/piscina-tuned.ts'),
  },
  {
    name: 'tinypool-thread',
    origin: 'peer',
    kind: 'thread',
    load: () => import('./variants/tinypool-thread.ts'),
  },
  {
    name: 'workerpool-thread',
    origin: 'peer',
    kind: 'thread',
    load: () => import('./variants/workerpool-thread.ts'),
  },
  {
    name: 'poolifier-thread',
    origin: 'peer',
    kind: 'thread',
    load: () => import('./variants/poolifier-thread.ts'),
  },
  {
    name: 'jest-worker-thread',
    origin: 'peer',
    kind: 'thread',
    load: () => import('./variants/jest-worker-thread.ts'),
  },
  {
    name: 'mpservice-sync',
    origin: 'own',
    kind: 'thread',
    only: ['sync'],
    load: () => import('./variants/mpservice-sync.ts'),
  },
  {
    name: 'synckit',
    origin: 'peer',
    kind: 'thread',
    only: ['sync'],
    load: () => import('./variants/synckit.ts'),
  },
  {
    name: 'raw-pipe',
    origin: 'raw',
    kind: 'process',
    load: () => import('./variants/raw-pipe.ts'),
  },
  {
    name: 'raw-fork',
    origin: 'raw',
    kind: 'process',
    load: () => import('./variants/raw-fork.ts'),
  },
  {
    name: 'raw-thread',
    origin: 'raw',
    kind: 'thread',
    load: () => import('./variants/raw-thread.ts'),
  },
]
