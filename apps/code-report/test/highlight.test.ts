import { expect, test } from 'vitest'
import { Highlight, tokensToHtml } from '../src/highlight.ts'

async function highlight(text: string, language: string): Promise<string> {
  const worker = new Highlight({ workerIndex: 0, name: 'highlight-0', cpuAffinity: null })
  await worker.init()
  try {
    const file = { index: 0, path: 'x', language, sizeBytes: text.length, text }
    return (await worker.call(file)).html
  } finally {
    worker.cleanup()
  }
}

test('marks the parts of code, line by line', async () => {
  const text = 'const a = "b" // <c>\nfunction f() { return 1 }\n'
  expect((await highlight(text, 'TypeScript')).split('\n')).toMatchInlineSnapshot(`
    [
      "<span class=w>const </span><span class=k>a </span><span class=w>= </span><span class=s>&quot;b&quot; </span><span class=c>// &lt;c&gt;</span>",
      "<span class=w>function </span><span class=f>f</span>() { <span class=w>return </span><span class=k>1</span> }",
      "",
    ]
  `)
})

test('loads the grammar of a language when the first file needs it', async () => {
  expect(await highlight('def f(x): return None', 'Python')).toMatchInlineSnapshot(
    `"<span class=w>def </span><span class=f>f</span>(<span class=p>x</span>): <span class=w>return </span><span class=k>None</span>"`,
  )
})

test('escapes code that is HTML, whatever its language', async () => {
  const text = '<script>alert(1)</script>'
  for (const language of ['Text', 'HTML', 'JavaScript', 'Markdown', 'JSON', 'Vue']) {
    const html = await highlight(text, language)
    expect(html.replaceAll(/<\/?span(?: class=[a-z])?>/g, '')).toBe(
      '&lt;script&gt;alert(1)&lt;/script&gt;',
    )
  }
})

test('shows lines that nobody wrote by hand without marks', async () => {
  const line = 'const a=1;'.repeat(300)
  expect(await highlight(`${line}\nlet b`, 'JavaScript')).toBe(
    `${line}\n<span class=w>let</span> b`,
  )
})

test('gives an empty text as an empty text', async () => {
  expect(await highlight('', 'TypeScript')).toBe('')
})

test('joins neighbours of one kind and leaves unknown colours unmarked', () => {
  const keyword = 'var(--code-token-keyword)'
  const line = [
    { content: 'export', color: keyword },
    { content: ' ' },
    { content: 'const', color: keyword },
    { content: ' x', color: '#123456"><script>' },
  ]
  expect(tokensToHtml([line, []])).toBe('<span class=w>export const</span> x\n')
})
