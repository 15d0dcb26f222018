import { type DebuggerSession, fieldsOf } from './debugger-session.ts'

/** How long the next JavaScript of a worker is waited for that is at none, in milliseconds. */
const quietMs = 50
/** How many frames of a stack are shown. */
const maxFrames = 100

/**
 * Says what the JavaScript of a worker is at right now, as the lines of an `Error`'s stack; `(idle)` when
 * it is at none. The worker stops for it and goes on.
 *
 * @param isShared - Whether developers may have stopped it; then it stays so.
 * @throws {Error} When the inspector does not say it.
 */
export async function takeStack(session: DebuggerSession, isShared: boolean): Promise<string> {
  await session.post('Debugger.enable')
  // The developer who has stopped it also decides when it goes on.
  if (isShared && session.pausedFrames !== undefined) {
    return formatFrames(session.pausedFrames, session)
  }
  await session.post('Debugger.pause')
  // Once this comes back, a worker that is at something has stopped before it went on with that.
  await session.post('Debugger.setPauseOnExceptions', { state: 'none' })
  await session.waitUntilPaused(quietMs)
  const frames = session.pausedFrames
  // It takes back a pause that has not come about, and ends one that has.
  await session.disable()
  return frames === undefined ? '(idle)' : formatFrames(frames, session)
}

function formatFrames(frames: readonly unknown[], session: DebuggerSession): string {
  const lines = frames.slice(0, maxFrames).map((frame) => formatFrame(frame, session))
  if (frames.length > maxFrames) lines.push(`    … ${frames.length - maxFrames} more`)
  return lines.join('\n')
}

function formatFrame(frame: unknown, session: DebuggerSession): string {
  const { functionName, location } = fieldsOf(frame)
  const { scriptId, lineNumber, columnNumber } = fieldsOf(location)
  const file = session.urlOf(scriptId) ?? '<anonymous>'
  const place = `${file}:${Number(lineNumber) + 1}:${Number(columnNumber ?? 0) + 1}`
  const isNamed = typeof functionName === 'string' && functionName !== ''
  return isNamed ? `    at ${functionName} (${place})` : `    at ${place}`
}
