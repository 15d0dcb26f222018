/** How many of the places of a server all streams together may have; the others are left to calls. */
export function placesForStreams(capacity: number): number {
  return capacity === 1 ? 1 : capacity - Math.max(1, Math.floor(capacity / 16))
}
