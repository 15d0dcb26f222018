import type { ServerStage } from './stage-knobs.ts'
import type { Stage } from './stage.ts'

/**
 * Finds the stage of a name among the workers' stages of a server.
 *
 * @throws {RangeError} When there is none of that name, or more than one.
 */
export function findStage(root: Stage, name: string): ServerStage {
  const all = root.knobs()
  const [found, another] = all.filter((each) => each.name === name)
  if (found !== undefined && another === undefined) return found
  const names = all.map((each) => `'${each.name}'`).join(', ')
  throw new RangeError(
    found === undefined
      ? `there is no stage '${name}': its stages of workers are ${names}`
      : `several stages have the name '${name}': give their servlets names of their own`,
  )
}
