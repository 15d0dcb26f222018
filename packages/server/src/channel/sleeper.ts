/** How a worker's thread sleeps and wakes its server. */
export interface Sleeper {
  /** Wakes the server. */
  ring(): void
  /**
   * Blocks the thread until the server's doorbell rings or time is up.
   *
   * @param maySleep - Asked right before, when a doorbell is certain to be heard; if not, it does not
   *   block.
   */
  sleep(timeoutMs: number, maySleep: () => boolean): void
}
