import { setTimeout as sleep } from 'node:timers/promises'

const pollMs = 5
// The last answer may be on its way when time is up.
const lastAnswerMs = 100

/**
 * Waits until a condition holds; it is asked at once and then every 5 ms.
 *
 * It is asked once more when the time is up, so that a blocked event loop fails no wait that has
 * succeeded meanwhile. An error that the condition throws ends the wait.
 *
 * @throws {Error} When the condition does not hold after `timeoutMs` (default 10 000), or does not
 *   answer until then; the message names `what` was waited for.
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  options: { readonly what: string; readonly timeoutMs?: number | undefined },
): Promise<void> {
  const { what, timeoutMs = 10_000 } = options
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const isLast = performance.now() >= deadline
    const answer = await beforeDeadline(condition(), deadline)
    if (answer === true) return
    if (answer === 'late')
      throw new Error(`${what}: no answer to this condition for ${timeoutMs} ms`)
    if (isLast) throw new Error(`${what}: not so after ${timeoutMs} ms`)
    await sleep(Math.max(0, Math.min(pollMs, deadline - performance.now())))
  }
}

async function beforeDeadline(
  answer: boolean | Promise<boolean>,
  deadline: number,
): Promise<boolean | 'late'> {
  if (typeof answer === 'boolean') return answer
  const settled = new AbortController()
  const delayMs = Math.max(0, deadline - performance.now()) + lastAnswerMs
  try {
    return await Promise.race([answer, sleep(delayMs, 'late' as const, { signal: settled.signal })])
  } finally {
    settled.abort()
  }
}
