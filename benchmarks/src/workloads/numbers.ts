import type { Exchange } from '../exchange.ts'

/** Sends small numbers, each call another one, and expects each plus `added` back. */
export function numbersPlus(added: number): Exchange {
  const isRight = (output: unknown, input: unknown): boolean =>
    typeof input === 'number' && output === input + added
  return { inputFor: (call) => call, isRight, isExactlyRight: isRight }
}
