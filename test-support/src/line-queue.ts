/** What waiting for a line has come to. */
export type NextLine =
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'ended' }
  | { readonly kind: 'timed-out' }

/** Cuts text into lines and hands each to one reader, in order; lines wait for readers. */
export class LineQueue {
  #rest = ''
  #hasEnded = false
  readonly #lines: string[] = []
  readonly #readers = new Set<(next: NextLine) => void>()

  /** Adds text; what follows its last line feed waits for more. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() ?? ''
    this.#lines.push(...lines)
    this.#serve()
  }

  /** Says that no text will follow; an unfinished last line counts as a line. */
  end(): void {
    if (this.#rest !== '') this.#lines.push(this.#rest)
    this.#rest = ''
    this.#hasEnded = true
    this.#serve()
  }

  /** Takes the next line, waiting for it at most so many milliseconds. */
  async next(timeoutMs: number): Promise<NextLine> {
    return new Promise((resolve) => {
      const reader = (next: NextLine): void => {
        clearTimeout(timer)
        this.#readers.delete(reader)
        resolve(next)
      }
      // Lines that have arrived while the event loop was blocked are read before time is up.
      const timer = setTimeout(() => setImmediate(reader, { kind: 'timed-out' }), timeoutMs)
      this.#readers.add(reader)
      this.#serve()
    })
  }

  #serve(): void {
    for (const reader of this.#readers) {
      const line = this.#lines.shift()
      if (line !== undefined) reader({ kind: 'line', line })
      else if (this.#hasEnded) reader({ kind: 'ended' })
      else return
    }
  }
}
