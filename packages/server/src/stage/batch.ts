/** Items that go to a worker together; one object for all of them. */
export interface Batch {
  /** How many of them there are. */
  size: number
  /** How many of them are with the worker. */
  left: number
}
