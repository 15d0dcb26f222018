import { getLogger } from '@logtape/logtape'
import { isPromiseLike } from '../is-promise-like.ts'
import { workerChannel } from './channels.ts'
import type { ServerEvent, ServerEvents } from './server-events.ts'

/** What listens to an event. */
export type EventListener<Name extends keyof ServerEvents> = (event: ServerEvents[Name]) => unknown

type AnyListener = (event: never) => unknown

/** Tells listeners of a server's events: in order, and in a turn of their own, so that they break nothing. */
export class EventListeners {
  readonly #listeners: Readonly<Record<keyof ServerEvents, Map<AnyListener, { once: boolean }>>> = {
    'worker-start': new Map(),
    'worker-exit': new Map(),
    'worker-stuck': new Map(),
    state: new Map(),
  }

  /** @throws {TypeError} When there is no event of a name, or the listener is no function. */
  add<Name extends keyof ServerEvents>(
    name: Name,
    listener: EventListener<Name>,
    once: boolean,
  ): void {
    const listeners = this.#listenersOf(name)
    if (typeof listener !== 'function') throw new TypeError('a listener is a function')
    listeners.set(listener, { once })
  }

  /** @throws {TypeError} When there is no event of a name. */
  remove<Name extends keyof ServerEvents>(name: Name, listener: EventListener<Name>): void {
    this.#listenersOf(name).delete(listener)
  }

  /** Publishes an event, and tells those who listen, after the code that runs now. */
  emit(event: ServerEvent): void {
    if (event.kind !== 'state' && workerChannel.hasSubscribers) workerChannel.publish(event)
    if (this.#listeners[event.kind].size > 0) queueMicrotask(() => this.#tell(event))
  }

  #listenersOf(name: keyof ServerEvents): Map<AnyListener, { once: boolean }> {
    if (Object.hasOwn(this.#listeners, name)) return this.#listeners[name]
    const names = Object.keys(this.#listeners).join(', ')
    throw new TypeError(`a server has no event '${name}'; its events are ${names}`)
  }

  #tell(event: ServerEvent): void {
    const listeners = this.#listeners[event.kind]
    // Entries that are removed meanwhile are passed over.
    for (const [listener, { once }] of listeners) {
      if (once) listeners.delete(listener)
      try {
        // Under a name are only listeners for its event.
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion
        const result: unknown = listener(event as never)
        if (isPromiseLike(result)) {
          Promise.resolve(result).then(undefined, (error: unknown) => report(event, error))
        }
      } catch (error) {
        report(event, error)
      }
    }
  }
}

function report({ kind }: ServerEvent, error: unknown): void {
  getLogger(['mpservice', 'server']).error('a listener for {event} threw {error}', {
    event: kind,
    error,
  })
}
