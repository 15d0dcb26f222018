import { settleWithin } from '@mpservice/process'
import { claimServlets } from './claim-servlets.ts'
import type { Servlet } from './servlet.ts'
import type { GivingUp, Stage, StageContext } from './stage/stage.ts'

/** The stages of a servlet that has been started. When they have ended, it can be started again. */
export interface StartedStages {
  readonly root: Stage
  /** See `Stage.close`. */
  close(): Promise<void>
  /** See `Stage.kill`. */
  kill(): Promise<void>
}

/**
 * Starts all stages of a servlet.
 *
 * @throws What keeps one of them from starting, or the reason of the signal; all others are ended first.
 */
export async function startStages(
  servlet: Servlet<never, unknown>,
  context: Omit<StageContext, 'onUndo'>,
  signal?: AbortSignal,
): Promise<StartedStages> {
  const release = claimServlets(servlet)
  const undos: (() => Promise<void>)[] = []
  let failure: GivingUp | undefined
  try {
    const starting = servlet.startStage({
      ...context,
      onUndo: (undo) => undos.push(undo),
      onFailed: (reason) => {
        failure ??= reason
        context.onFailed(reason)
      },
    })
    const root = await settleWithin(starting, 'start', { signal })
    if (failure !== undefined) throw failure.cause
    return {
      root,
      close: () => root.close().then(release),
      kill: () => root.kill().then(release),
    }
  } catch (error) {
    try {
      await Promise.all(undos.map((undo) => undo()))
    } finally {
      release()
    }
    throw error
  }
}
