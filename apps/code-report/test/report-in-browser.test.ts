import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { TemporaryDirectory } from '@mpservice/test-support'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findChromium } from './find-chromium.ts'
import { runProgram } from './run-program.ts'
import { temporaryFolder } from './temporary-folder.ts'

const executablePath = findChromium()
if (executablePath === undefined) {
  console.log('skipped: no Chromium; install one, or name it with CHROMIUM_PATH')
}

const timeout = 60_000
const evilName = `"it's" <img src=x onerror=alert(1)>.js`
const evil = '<script>alert(1)</script>\n'
const loops = 'export function f(a: number) {\n  for (;;) if (a) while (a) a++\n}\n'

let folder: TemporaryDirectory
let browser: Browser
let problems: string[]

beforeAll(async () => {
  if (executablePath === undefined) return
  folder = await temporaryFolder({
    'source/a.ts': loops,
    'source/b/long.ts': 'x = 1\n'.repeat(250),
    'source/b/style.css': 'a {\n  color: red;\n}\n',
    'source/broken.ts': 'function {',
    'source/empty.ts': '',
    [`source/${evilName}`]: evil,
    'source/bytes.js': '\u0000',
  })
  const args = [join(folder.path, 'source'), '--out', join(folder.path, 'report')]
  await runProgram(args)
  browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-sync'],
  })
}, timeout)

afterAll(async () => {
  await browser?.close()
  await folder?.[Symbol.asyncDispose]()
})

async function openReport(
  options: { readonly colorScheme?: 'light' | 'dark' } = {},
): Promise<Page> {
  problems = []
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options })
  const page = await context.newPage()
  page.on('console', (message) => problems.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (!/^(?:file|data):/.test(request.url())) problems.push(`request: ${request.url()}`)
  })
  await page.goto(pathToFileURL(join(folder.path, 'report/index.html')).href)
  return page
}

function visiblePaths(page: Page): Promise<string[]> {
  return page.locator('[data-files] tbody tr:visible td.c-path').allInnerTexts()
}

const inOrder = [evilName, 'a.ts', 'b/long.ts', 'b/style.css', 'broken.ts', 'bytes.js', 'empty.ts']

function ground(page: Page): Promise<string> {
  return page.evaluate('getComputedStyle(document.body).backgroundColor')
}

describe.skipIf(executablePath === undefined)('a report in Chromium', { timeout }, () => {
  test('shows all files in order, and nothing goes wrong', async () => {
    const page = await openReport()
    expect(await visiblePaths(page)).toEqual(inOrder)
    expect(await page.title()).toBe('source · code report')
    expect(await page.locator('svg.chart').count()).toBe(6)
    expect(problems).toEqual([])
    await page.context().close()
  })

  test('sorts by a click on a title, in both directions', async () => {
    const page = await openReport()
    const title = page.getByRole('button', { name: 'Lines', exact: true })
    await title.click()
    const mostFirst = ['b/long.ts', 'a.ts', 'b/style.css', evilName, 'broken.ts', 'empty.ts']
    expect(await visiblePaths(page)).toEqual([...mostFirst, 'bytes.js'])
    await title.click()
    const fewestFirst = ['empty.ts', evilName, 'broken.ts', 'a.ts', 'b/style.css', 'b/long.ts']
    expect(await visiblePaths(page)).toEqual([...fewestFirst, 'bytes.js'])
    expect(await page.locator('th[aria-sort=ascending]').allInnerTexts()).toEqual(['Lines'])
    await page.getByRole('button', { name: 'File', exact: true }).click()
    expect(await visiblePaths(page)).toEqual(inOrder)
    expect(problems).toEqual([])
    await page.context().close()
  })

  test('filters by path, language and exceptions', async () => {
    const page = await openReport()
    const filter = page.getByRole('searchbox', { name: 'Filter by path' })
    await filter.fill('B/ css')
    expect(await visiblePaths(page)).toEqual(['b/style.css'])
    expect(await page.locator('output').innerText()).toBe('1 of 7 files')
    await filter.fill('')
    await page.getByLabel('Language', { exact: true }).selectOption('JavaScript')
    expect(await visiblePaths(page)).toEqual([evilName, 'bytes.js'])
    await page.getByLabel('only with exceptions').check()
    expect(await visiblePaths(page)).toEqual(['bytes.js'])
    await page.getByLabel('Language', { exact: true }).selectOption('')
    expect(await visiblePaths(page)).toEqual(['broken.ts', 'bytes.js'])
    expect(problems).toEqual([])
    await page.context().close()
  })

  test('opens the page of a file and leads to its functions', async () => {
    const page = await openReport()
    await page.locator('[data-files]').getByRole('link', { name: 'a.ts', exact: true }).click()
    expect(await page.locator('pre.code').innerText()).toBe(loops)
    await page.getByText('1 function, most complex first').click()
    await page.getByRole('link', { name: 'f', exact: true }).click()
    expect(await page.locator('.l:target').innerText()).toBe('export function f(a: number) {')
    await page.getByRole('link', { name: '← Report' }).click()
    expect(await page.locator('h1').innerText()).toBe('source')
    expect(problems).toEqual([])
    await page.context().close()
  })

  test('shows hostile names and content as text', async () => {
    const page = await openReport()
    await page.locator('[data-files]').getByRole('link', { name: evilName }).click()
    expect(await page.locator('h1').innerText()).toBe(evilName)
    expect(await page.locator('pre.code').innerText()).toBe(evil)
    expect(await page.locator('img').count()).toBe(0)
    expect(problems).toEqual([])
    await page.context().close()
  })

  test('shows the exception of a file with its stack', async () => {
    const page = await openReport()
    await page.locator('[data-files]').getByRole('link', { name: 'broken.ts' }).click()
    expect(await page.locator('.failure .message').innerText()).toBe('Unexpected token (1:9)')
    expect(await page.locator('.failure .stack').innerText()).toMatch(/^SyntaxError: .*\n +at /)
    await page.context().close()
  })

  test('has the colours of the system until others are chosen', async () => {
    const light = await openReport({ colorScheme: 'light' })
    expect(await ground(light)).toBe('rgb(246, 246, 243)')
    await light.context().close()
    const dark = await openReport({ colorScheme: 'dark' })
    expect(await ground(dark)).toBe('rgb(18, 20, 23)')
    const button = dark.getByRole('button', { name: /^Colours/ })
    expect(await button.innerText()).toBe('Colours: system')
    await button.click()
    expect([await button.innerText(), await ground(dark)]).toEqual([
      'Colours: light',
      'rgb(246, 246, 243)',
    ])
    await dark.reload()
    expect(await ground(dark)).toBe('rgb(246, 246, 243)')
    await dark.context().close()
  })

  test('fits a phone', async () => {
    const page = await openReport()
    await page.setViewportSize({ width: 360, height: 740 })
    const overflow = 'document.documentElement.scrollWidth - innerWidth'
    expect(await page.evaluate(overflow)).toBe(0)
    await page.locator('[data-files]').getByRole('link', { name: 'long.ts' }).click()
    expect(await page.evaluate(overflow)).toBe(0)
    await page.context().close()
  })
})
