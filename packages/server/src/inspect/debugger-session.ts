/** Sends commands to the inspector of a worker and takes in what it says, whatever carries the messages. */
export class DebuggerSession {
  readonly #send: (message: string) => void
  readonly #pending = new Map<number, (error: Error | undefined) => void>()
  readonly #urls = new Map<unknown, string>()
  #lastId = 0
  #frames: readonly unknown[] | undefined
  #onPaused: (() => void) | undefined
  #onResumed: (() => void) | undefined
  #end: Error | undefined

  constructor(send: (message: string) => void) {
    this.#send = send
  }

  /** The frames of the worker's stack while it is paused. */
  get pausedFrames(): readonly unknown[] | undefined {
    return this.#frames
  }

  /** The URL of a script that the worker has loaded; frames name only its id. */
  urlOf(scriptId: unknown): string | undefined {
    return this.#urls.get(scriptId)
  }

  /** @throws What the inspector says, or why it says nothing any more. */
  post(method: string, params: object = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end)
        return
      }
      const id = ++this.#lastId
      this.#pending.set(id, (error) => (error === undefined ? resolve() : reject(error)))
      this.#send(JSON.stringify({ id, method, params }))
    })
  }

  /** Stops debugging: the worker goes on, of which nothing more is told. */
  async disable(): Promise<void> {
    await this.post('Debugger.disable')
    this.#frames = undefined
  }

  /** Waits until the worker is paused, for some milliseconds at most. */
  async waitUntilPaused(timeoutMs: number): Promise<void> {
    if (this.#frames !== undefined || this.#end !== undefined) return
    await new Promise<void>((resolve) => {
      this.#onPaused = resolve
      setTimeout(resolve, timeoutMs)
    })
  }

  /** Waits until the worker goes on, or there is no session any more. */
  async whenRunning(): Promise<void> {
    if (this.#frames === undefined || this.#end !== undefined) return
    await new Promise<void>((resolve) => {
      this.#onResumed = resolve
    })
  }

  /** Takes a message of the inspector. */
  receive(message: string): void {
    const { id, method, params, error } = parseMessage(message)
    if (typeof id === 'number') {
      const settle = this.#pending.get(id)
      this.#pending.delete(id)
      settle?.(error === undefined ? undefined : new Error(errorText(error)))
    } else if (method === 'Debugger.scriptParsed') {
      const { scriptId, url } = fieldsOf(params)
      if (typeof url === 'string' && url !== '') this.#urls.set(scriptId, url)
    } else if (method === 'Debugger.paused') {
      const { callFrames } = fieldsOf(params)
      this.#frames = Array.isArray(callFrames) ? callFrames : []
      this.#onPaused?.()
    } else if (method === 'Debugger.resumed') {
      this.#frames = undefined
      this.#onResumed?.()
    } else if (method === 'NodeRuntime.waitingForDisconnect') {
      this.end(new Error('the worker is ending'))
    }
  }

  /** No more messages will come: what was posted fails. */
  end(reason: Error): void {
    if (this.#end !== undefined) return
    this.#end = reason
    for (const settle of this.#pending.values()) settle(reason)
    this.#pending.clear()
    this.#onPaused?.()
    this.#onResumed?.()
  }
}

interface Message {
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: unknown
  readonly error?: unknown
}

/** The fields of a value from elsewhere. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}

function parseMessage(text: string): Message {
  return fieldsOf(JSON.parse(text))
}

function errorText(error: unknown): string {
  const { message } = fieldsOf(error)
  return typeof message === 'string' ? message : 'the inspector refused a command'
}
