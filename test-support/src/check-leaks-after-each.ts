import { afterEach, beforeEach } from 'vitest'
import { type LeakWatch, watchLeaks } from './watch-leaks.ts'

/**
 * Fails each test of this file, or of this `describe`, that leaves something behind.
 *
 * Call it before other hooks are installed: vitest runs the after-hooks in reverse order, so this one
 * then runs last. Not for `test.concurrent`.
 *
 * @param options.timeoutMs - How long things may take to go away; 2000 ms by default.
 */
export function checkLeaksAfterEach(
  options: { readonly timeoutMs?: number | undefined } = {},
): void {
  let leaks: LeakWatch | undefined
  beforeEach(() => {
    leaks = watchLeaks()
  })
  afterEach(async () => {
    await leaks?.expectNone(options)
  })
}
