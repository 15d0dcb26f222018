import { expect, test } from 'vitest'
import { escapeCode, escapeHtml } from '../src/escape-html.ts'
import { html, trustedHtml } from '../src/html.ts'

test('escapes everything that means something in HTML', () => {
  expect(escapeHtml(`<script>alert('1' & "2")</script>`)).toBe(
    '&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;',
  )
})

test('names control characters and those that turn the direction of code', () => {
  expect(escapeCode('a\u202Eb\u2066\u0000\tc\r\n')).toBe(
    'a<span class="odd" title="U+202E">U+202E</span>b' +
      '<span class="odd" title="U+2066">U+2066</span>' +
      '<span class="odd" title="U+0000">U+0000</span>\tc\r\n',
  )
})

test('escapes what stands in the holes of a template, and only that', () => {
  const name = '"><img src=x onerror=alert(1)>'
  const items = [html`<i>${name}</i>`, null, undefined, 0, trustedHtml('<hr />')]
  expect(html`<a title="${name}">${items}</a>`.text).toBe(
    '<a title="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;">' +
      '<i>&quot;&gt;&lt;img src=x onerror=alert(1)&gt;</i>0<hr /></a>',
  )
})
