/**
 * Runs `cleanUp` when this thread ends by itself, unless the function that is given back was called
 * before. `process` has a listener only while there is something to run.
 */
export function beforeExit(cleanUp: () => void): () => void {
  if (cleanUps.size === 0) process.on('exit', runAll)
  cleanUps.add(cleanUp)
  return () => {
    cleanUps.delete(cleanUp)
    if (cleanUps.size === 0) process.off('exit', runAll)
  }
}

const cleanUps = new Set<() => void>()

function runAll(): void {
  for (const cleanUp of cleanUps) cleanUp()
}
