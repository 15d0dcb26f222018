import { type Exchange, measureTraffic } from '../exchange.ts'
import { withPool } from '../variant.ts'
import type { Workload } from '../workload.ts'

const inFlight = 4

/** How many bytes of payloads of one size are carried in a second, counted in one direction. */
export function echoOf(name: string, size: string, bytes: number): Workload {
  return {
    name,
    title: `echo of ${size}, ${inFlight} in flight, one way`,
    unit: 'MB/s',
    better: 'higher',
    isComparable: true,
    measure: (variant, { seconds }) =>
      withPool(variant.start('echo', 2), async (pool) => {
        const exchange = payloadsOf(bytes)
        const { calls, elapsedMs } = await measureTraffic(pool, exchange, inFlight, seconds)
        return { value: (calls * bytes) / 1e6 / (elapsedMs / 1000), details: { calls, elapsedMs } }
      }),
  }
}

/** Sends one after the other of a few payloads that differ in every byte, and expects each back. */
export function payloadsOf(bytes: number): Exchange {
  const payloads = Array.from({ length: inFlight * 2 }, (_, index) => payload(bytes, index))
  const step = Math.max(1, Math.floor(bytes / 16))
  return {
    inputFor: (call) => payloads[call % payloads.length],
    isRight: (output, input) => isSame(output, input, step),
    isExactlyRight: (output, input) => isSame(output, input, 1),
  }
}

function payload(bytes: number, index: number): Uint8Array {
  const result = new Uint8Array(bytes)
  for (let i = 0; i < bytes; i++) result[i] = i * 31 + (i >>> 8) + index
  return result
}

function isSame(output: unknown, input: unknown, step: number): boolean {
  if (!(output instanceof Uint8Array) || !(input instanceof Uint8Array)) return false
  if (output.length !== input.length) return false
  if (step === 1) return Buffer.compare(output, input) === 0
  for (let i = input.length - 1; i >= 0; i -= step) if (output[i] !== input[i]) return false
  return true
}
