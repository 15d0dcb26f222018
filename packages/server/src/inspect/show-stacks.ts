import { startTimer } from '@mpservice/process'
import type { WorkerLink } from '../link/worker-link.ts'
import type { StageInfo, WorkerInfo } from '../stage/stage.ts'

/** Notes which link belongs to the snapshot of a worker, while snapshots are taken. */
export type NoteLink = (worker: WorkerInfo, link: WorkerLink) => void

/** How long a worker may take to say what it is at, in milliseconds. */
const answerMs = 2_000

/** Takes a snapshot of a stage, with what each of its live workers is at. */
export async function showStacks(snapshot: (note: NoteLink) => StageInfo): Promise<StageInfo> {
  const links = new Map<WorkerInfo, WorkerLink>()
  const stage = snapshot((worker, link) => links.set(worker, link))
  const shown = new Map<WorkerInfo, WorkerInfo>()
  await Promise.all(
    [...links].map(async ([worker, link]) => {
      shown.set(worker, { ...worker, ...(await askForStack(link)) })
    }),
  )
  return withWorkers(stage, shown)
}

async function askForStack(link: WorkerLink): Promise<Pick<WorkerInfo, 'stack' | 'stackError'>> {
  try {
    return { stack: await withinLimit(link.takeStack()) }
  } catch (error) {
    return { stackError: error instanceof Error ? error.message : String(error) }
  }
}

async function withinLimit(stack: Promise<string>): Promise<string> {
  let stop: (() => void) | undefined
  const limit = new Promise<never>((_, reject) => {
    const timer = startTimer(answerMs, () => reject(new Error(noAnswer)))
    stop = () => timer.stop()
  })
  try {
    return await Promise.race([stack, limit])
  } finally {
    stop?.()
  }
}

const noAnswer = `no answer within ${answerMs} ms: it is in native code or waits synchronously, is stopped, or listens for SIGUSR1 itself`

function withWorkers(stage: StageInfo, shown: ReadonlyMap<WorkerInfo, WorkerInfo>): StageInfo {
  const { workers, children } = stage
  return {
    ...stage,
    ...(workers && { workers: workers.map((worker) => shown.get(worker) ?? worker) }),
    ...(children && { children: children.map((child) => withWorkers(child, shown)) }),
  }
}
