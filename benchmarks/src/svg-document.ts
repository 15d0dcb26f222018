/** What a chart consists of. */
export interface SvgContent {
  readonly width: number
  readonly height: number
  /** What it shows, for those who do not see it. */
  readonly label: string
  /** Elements, one after the other, with the classes of the style below. */
  readonly elements: readonly string[]
}

const style = `
    svg { --back: #ffffff; --text: #1f2328; --faint: #59636e; --own: #1a7f5a; --peer: #8c959f; --raw: #dde2e7; --edge: #8c959f }
    @media (prefers-color-scheme: dark) {
      svg { --back: #0d1117; --text: #e6edf3; --faint: #9198a1; --own: #3fb98c; --peer: #6e7681; --raw: #262c34; --edge: #6e7681 }
    }
    text { font: 13px system-ui, sans-serif; fill: var(--text) }
    .title { font-size: 16px; font-weight: 600 }
    .note { font-size: 12px; fill: var(--faint) }
    .value { font-variant-numeric: tabular-nums }
    .strong { font-weight: 600 }
    .back { fill: var(--back) }
    .own { fill: var(--own) }
    .peer { fill: var(--peer) }
    .raw { fill: var(--raw); stroke: var(--edge); stroke-dasharray: 3 2 }`

/** An SVG document that needs nothing else and follows the reader's light or dark colours. */
export function svgDocument({ width, height, label, elements }: SvgContent): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeXml(label)}">
  <style>${style}
  </style>
  <rect class="back" width="${width}" height="${height}" rx="8"/>
${elements.map((element) => `  ${element}\n`).join('')}</svg>
`
}

/** A line of text whose baseline begins at a point; `anchor` says which end of it does. */
export function svgText(
  classes: string,
  x: number,
  y: number,
  text: string,
  anchor: 'start' | 'end' = 'start',
): string {
  const end = anchor === 'end' ? ' text-anchor="end"' : ''
  return `<text class="${classes}" x="${round(x)}" y="${y}"${end}>${escapeXml(text)}</text>`
}

/** A horizontal bar. */
export function svgBar(
  classes: string,
  x: number,
  y: number,
  width: number,
  height: number,
): string {
  return `<rect class="${classes}" x="${x}" y="${y}" width="${round(width)}" height="${height}" rx="2"/>`
}

function round(length: number): string {
  return Number.isInteger(length) ? String(length) : length.toFixed(1)
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}
