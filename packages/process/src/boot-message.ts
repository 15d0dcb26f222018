/**
 * The first frame from a parent to its child, as JSON: who the child is and which program it runs.
 *
 * It travels on the pipe and neither in the arguments nor in the environment, which other users of
 * the machine and grandchildren can see.
 */
export interface BootMessage {
  /** The name of the process. */
  readonly name: string
  /** The pid that the child's parent must have, else the parent died during the launch. */
  readonly parentPid: number
  /** The absolute URL of the module whose `run` is the child's program. */
  readonly program: string
  /** Whether the child must watch its parent by itself (see `launch-command.ts`). */
  readonly watchParent: boolean
}

/** The descriptor on which a child reads frames of its parent. */
export const inputDescriptor = 3
/** The descriptor on which a child writes frames to its parent. */
export const outputDescriptor = 4
/** The descriptor that is at its end when the parent is gone; nothing is ever written to it. */
export const lifeDescriptor = 5

export function encodeBootMessage(message: BootMessage): Uint8Array {
  return Buffer.from(JSON.stringify(message))
}

/** @throws {TypeError} When the bytes are not a boot message. */
export function decodeBootMessage(bytes: Uint8Array): BootMessage {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString())
  if (!isBootMessage(value)) throw new TypeError('the first frame is not a boot message')
  return value
}

function isBootMessage(value: unknown): value is BootMessage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'parentPid' in value &&
    typeof value.parentPid === 'number' &&
    'program' in value &&
    typeof value.program === 'string' &&
    'watchParent' in value &&
    typeof value.watchParent === 'boolean'
  )
}
