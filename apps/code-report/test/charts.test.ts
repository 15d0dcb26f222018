import { expect, test } from 'vitest'
import { barChart, columnChart } from '../src/charts.ts'

const evil = `"></text><script>alert('1')</script>`
const escaped = '&quot;&gt;&lt;/text&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;'

test('draws columns in proportion to their values', () => {
  const columns = [1, 4, 0].map((value, index) => ({ label: `c${index}`, value, tone: 'tone-1' }))
  const { text } = columnChart('Sizes', columns)
  expect(attributes(text, 'rect', 'height')).toEqual(['37.5', '150', '0'])
  expect(/aria-label="(.*?)"/.exec(text)?.[1]).toBe('Sizes: c0: 1, c1: 4, c2: 0')
})

test('draws bars of several parts, the longest across', () => {
  const bars = [
    {
      label: 'long',
      text: '4',
      parts: [
        { value: 3, tone: 'tone-1' },
        { value: 1, tone: 'tone-2' },
      ],
    },
    { label: 'short', text: '1', href: 'a.html', parts: [{ value: 1, tone: 'tone-1' }] },
  ]
  const { text } = barChart('Files', bars)
  expect(attributes(text, 'rect class="tone-1"', 'width')).toEqual(['315', '105'])
  expect(attributes(text, 'rect class="tone-2"', 'x')).toEqual(['315'])
  expect(attributes(text, 'a', 'href')).toEqual(['a.html'])
})

test('draws nothing without values', () => {
  const empty = '<p class="empty">There is nothing to show.</p>'
  expect([columnChart('Sizes', []).text, barChart('Files', []).text]).toEqual([empty, empty])
  const zero = [{ label: 'zero', text: '0', parts: [{ value: 0, tone: 'tone-1' }] }]
  expect(attributes(barChart('Files', zero).text, 'rect class="tone-1"', 'width')).toEqual(['0'])
})

test('escapes labels, and keeps the end of long ones', () => {
  const bars = [
    { label: evil, text: evil, href: evil, parts: [] },
    { label: `${'x'.repeat(60)}/end.ts`, text: '', parts: [] },
  ]
  const { text } = barChart(evil, bars)
  expect(text.includes('<script')).toBe(false)
  expect(attributes(text, 'a', 'href')).toEqual([escaped])
  expect(/…x+\/end\.ts/.exec(text)?.[0]).toBe(`…${'x'.repeat(42)}/end.ts`)
})

function attributes(svg: string, element: string, attribute: string): (string | undefined)[] {
  const pattern = new RegExp(
    `<${element.replaceAll(' ', '\\s+')}(?=[\\s>])[^>]*?\\s${attribute}="([^"]*)"`,
    'g',
  )
  return [...svg.matchAll(pattern)].map(([, value]) => value)
}
