import type { Servlet } from './servlet.ts'

/** The servlets of all servers that run. */
const claimed = new WeakSet<object>()

/**
 * Claims a servlet and everything that it is composed of for one server; gives what lets go of them.
 *
 * A servlet has workers with names and places of their own; if it was in two places, nobody could tell
 * which of them a message or a number is about.
 *
 * @throws {TypeError} When one of them is in a running server, or twice in this one.
 */
export function claimServlets(root: Servlet<never, unknown>): () => void {
  const servlets = new Set<Servlet<never, unknown>>()
  collect(root, servlets)
  for (const servlet of servlets) claimed.add(servlet)
  let isHeld = true
  return () => {
    if (isHeld) for (const servlet of servlets) claimed.delete(servlet)
    isHeld = false
  }
}

function collect(servlet: Servlet<never, unknown>, found: Set<Servlet<never, unknown>>): void {
  if (claimed.has(servlet)) {
    throw new TypeError(
      `servlet '${servlet.name}' is in a server that runs: make a second servlet, or close that server first`,
    )
  }
  if (found.has(servlet)) {
    throw new TypeError(
      `servlet '${servlet.name}' is twice in the same server: make a second servlet`,
    )
  }
  found.add(servlet)
  for (const child of servlet.children) collect(child, found)
}
