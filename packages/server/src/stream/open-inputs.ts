import type { StreamInput } from '@mpservice/contract'

/**
 * Begins to read the inputs of a stream.
 *
 * @throws {TypeError} When they cannot be read from; also what they themselves throw.
 */
export function openInputs<X>(inputs: StreamInput<X>): Iterator<X> | AsyncIterator<X> {
  if (inputs instanceof ReadableStream) return readerOf(inputs)
  if (typeof inputs === 'object' && inputs !== null && Symbol.asyncIterator in inputs) {
    return inputs[Symbol.asyncIterator]()
  }
  if (typeof Reflect.get(Object(inputs), Symbol.iterator) !== 'function') {
    throw new TypeError('a stream reads from an iterable, an async iterable or a ReadableStream')
  }
  return inputs[Symbol.iterator]()
}

/** Its own iterator would wait for the chunk that is being read before it could be cancelled. */
function readerOf<X>(stream: ReadableStream<X>): AsyncIterator<X> {
  const reader = stream.getReader()
  return {
    async next() {
      try {
        const { done, value } = await reader.read()
        if (!done) return { done, value }
        reader.releaseLock()
        return { done, value: undefined }
      } catch (error) {
        reader.releaseLock()
        throw error
      }
    },
    async return() {
      try {
        await reader.cancel()
      } finally {
        reader.releaseLock()
      }
      return { done: true, value: undefined }
    },
  }
}
