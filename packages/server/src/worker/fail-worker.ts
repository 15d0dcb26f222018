/**
 * Ends a worker whose loop has failed: it would leave its server waiting, and user code may ignore
 * unhandled rejections.
 */
export function failWorker(error: unknown): never {
  // oxlint-disable-next-line no-console -- the child's stderr is where its owner looks
  console.error(error)
  process.exit(1)
}
