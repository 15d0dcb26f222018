/** A whole number with its thousands apart: `12 345`. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, '\u202F')
}

/** A size: `512 B`, `1.5 KB`, `12 MB`; a kilobyte is 1024 bytes. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const units = ['KB', 'MB', 'GB', 'TB']
  let value = bytes / 1024
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${threeDigits(value)} ${units[unit]}`
}

/** A duration: `0.4 ms`, `850 ms`, `12.3 s`, `4 min 05 s`. */
export function formatMs(milliseconds: number): string {
  if (milliseconds < 999.5) return `${threeDigits(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

/** A share of a whole: `0 %`, `< 1 %`, `42 %`. */
export function formatShare(part: number, whole: number): string {
  if (part <= 0 || whole <= 0) return '0 %'
  const percent = (part / whole) * 100
  return percent < 0.5 ? '< 1 %' : `${Math.round(percent)} %`
}

/** A count with its noun: `1 file`, `2 files`. */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`
}

function threeDigits(value: number): string {
  return value < 9.95 ? value.toFixed(1) : value.toFixed(0)
}
