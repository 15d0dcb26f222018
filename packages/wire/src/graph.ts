import { extGraph } from './format.ts'

/** A value with pointers is one extension around it; so many bytes come before it. */
export const graphHeaderBytes = 6

/** Whether the bytes from `start` to `end` begin as a value with pointers does. */
export function startsGraph(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start > graphHeaderBytes && bytes[start] === 0xc9 && bytes[start + 5] === extGraph
}
