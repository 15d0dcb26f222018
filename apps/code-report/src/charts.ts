import { html, type Html } from './html.ts'

/** One column of a distribution. */
export interface Column {
  readonly label: string
  readonly value: number
  /** The class that gives it its colour. */
  readonly tone: string
}

/** One bar of a list, made of parts. */
export interface Bar {
  readonly label: string
  /** Where the label leads. */
  readonly href?: string
  /** What stands at its end. */
  readonly text: string
  readonly parts: readonly { readonly value: number; readonly tone: string }[]
}

const width = 420
const plot = { top: 18, height: 150, labels: 22 }
const row = { height: 33, barTop: 19, barHeight: 7 }
const maxLabelLength = 50
const nothing = html`<p class="empty">There is nothing to show.</p>`

/** A distribution as upright columns with their values above and their labels below. */
export function columnChart(title: string, columns: readonly Column[]): Html {
  if (columns.length === 0) return nothing
  const height = plot.top + plot.height + plot.labels
  const max = Math.max(1, ...columns.map(({ value }) => value))
  const slot = width / columns.length
  const columnWidth = Math.min(slot - 4, 44)
  const bottom = plot.top + plot.height
  return html`<svg
    class="chart"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="${title}: ${columns.map(({ label, value }) => `${label}: ${value}`).join(', ')}"
  >
    <line class="axis" x1="0" x2="${width}" y1="${bottom + 0.5}" y2="${bottom + 0.5}" />
    ${columns.map(({ label, value, tone }, index) => {
      const barHeight = value === 0 ? 0 : Math.max((value / max) * plot.height, 2)
      const middle = round(slot * (index + 0.5))
      const top = round(bottom - barHeight)
      return html`<g>
        <title>${label}: ${value}</title>
        <rect
          class="${tone}"
          x="${round(middle - columnWidth / 2)}"
          y="${top}"
          width="${round(columnWidth)}"
          height="${round(barHeight)}"
          rx="2"
        />
        <text class="value" x="${middle}" y="${top - 5}">${value === 0 ? '' : value}</text>
        <text class="tick" x="${middle}" y="${bottom + 15}">${label}</text>
      </g>`
    })}
  </svg>`
}

/** A list of bars, each below its label; the longest reaches across. */
export function barChart(title: string, bars: readonly Bar[]): Html {
  if (bars.length === 0) return nothing
  const max = Math.max(...bars.map(lengthOf), 0) || 1
  return html`<svg
    class="chart"
    viewBox="0 0 ${width} ${row.height * bars.length}"
    role="group"
    aria-label="${title}"
  >
    ${bars.map((bar, index) => barRow(bar, index * row.height, width / max))}
  </svg>`
}

function barRow(bar: Bar, top: number, scale: number): Html {
  const label = html`<text class="label" x="0" y="${top + 13}">
    <title>${bar.label}</title>
    ${shorten(bar.label)}
  </text>`
  let left = 0
  return html`<g>
    ${bar.href === undefined ? label : html`<a href="${bar.href}">${label}</a>`}
    <text class="amount" x="${width}" y="${top + 13}">${bar.text}</text>
    <rect
      class="track"
      x="0"
      y="${top + row.barTop}"
      width="${width}"
      height="${row.barHeight}"
      rx="2"
    />
    ${bar.parts.map(({ value, tone }) => {
      const partWidth = value * scale
      const part = html`<rect
        class="${tone}"
        x="${round(left)}"
        y="${top + row.barTop}"
        width="${round(partWidth)}"
        height="${row.barHeight}"
        rx="2"
      />`
      left += partWidth
      return part
    })}
  </g>`
}

function lengthOf({ parts }: Bar): number {
  return parts.reduce((total, { value }) => total + value, 0)
}

// The end of a path says more than its beginning.
function shorten(label: string): string {
  return label.length <= maxLabelLength ? label : `…${label.slice(1 - maxLabelLength)}`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
