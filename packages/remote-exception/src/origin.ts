import { isMainThread, threadId } from 'node:worker_threads'

/**
 * Says where the running code is: `process 1234`, `thread 3 of process 1234`, and with a name
 * `process 'adder' (pid 1234)` or `thread 'adder' (thread 3 of process 1234)`.
 */
export function describeOrigin(name?: string): string {
  const place = isMainThread
    ? `process ${process.pid}`
    : `thread ${threadId} of process ${process.pid}`
  if (name === undefined || name === '') return place
  return isMainThread ? `process '${name}' (pid ${process.pid})` : `thread '${name}' (${place})`
}

/** Makes one line of an origin, whoever wrote it: the text that follows "in ". */
export function tidyOrigin(origin: string): string {
  const line = origin.slice(0, maxOriginChars).replaceAll(controlCharacters, ' ').trim()
  return line.replace(/^in /, '') || 'an unnamed place'
}

/** The line under a stack that names the place it came from. */
export function originLine(origin: string): string {
  return `    in ${tidyOrigin(origin)}`
}

const maxOriginChars = 200
// Lone surrogates too, which not every encoding carries.
const controlCharacters = /[\p{Cc}\p{Cs}\u2028\u2029]/gu
