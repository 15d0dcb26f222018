import { createHook } from 'node:async_hooks'

/** The timers that have been started since the record was, and still keep this process running. */
export interface TimerRecord {
  /** The delay of each, in words. */
  active(): string[]
  /** Records no further timers. */
  stop(): void
}

/**
 * Starts to record timers, each by its identity: the test runner has timers of its own which come
 * and go, so that their number alone would hide one that is left behind.
 */
export function recordTimers(): TimerRecord {
  // Weak, so that what a timer's callback refers to can be collected as if nobody watched.
  let timers: WeakRef<object>[] = []
  let pruneAt = 1024
  const hook = createHook({
    init(_id, type, _trigger, timer) {
      if (type !== 'Timeout') return
      timers.push(new WeakRef(timer))
      if (timers.length < pruneAt) return
      timers = timers.filter((ref) => isActive(ref.deref()))
      pruneAt = Math.max(1024, timers.length * 2)
    },
  }).enable()
  return {
    active: () =>
      timers
        .map((ref) => ref.deref())
        .filter(isActive)
        .map((timer) => `${Reflect.get(timer, '_idleTimeout')} ms`),
    stop: () => {
      hook.disable()
    },
  }
}

// Node has no public way to ask a timer whether it is over.
function isActive(timer: object | undefined): timer is object {
  return (
    timer !== undefined &&
    Reflect.get(timer, '_destroyed') === false &&
    'hasRef' in timer &&
    typeof timer.hasRef === 'function' &&
    timer.hasRef() === true
  )
}
