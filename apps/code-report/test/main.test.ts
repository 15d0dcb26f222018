import { chmod, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { expect, test } from 'vitest'
import { pageName, readRows } from './report-rows.ts'
import { runProgram } from './run-program.ts'
import { temporaryFolder } from './temporary-folder.ts'

checkLeaksAfterEach()

const good =
  'export function f(a: number): number {\n  if (a > 1 && a < 9) return 1\n  return 0\n}\n'
const alert = '<script>alert(1)</script>'
const alertEscaped = '&lt;script&gt;alert(1)&lt;/script&gt;'

test('reports on every file and shows the exceptions of those that fail', async () => {
  await using folder = await temporaryFolder({
    'src/good.ts': good,
    'src/broken.ts': 'export function {\n',
    'src/binary.js': 'a\u0000b',
    'src/empty.ts': '',
    'src/large.ts': 'x'.repeat(1024 * 1024 + 1),
    [`src/it's "<b>&.js`]: alert,
    'src/page.html': alert,
    'README.md': '# Title\n',
    'logo.png': 'no source',
  })
  const out = join(folder.path, 'report')
  const run = await runProgram([join(folder.path, 'src'), '--out', out])
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' })
  expect(await readRows(out)).toEqual([
    ['binary.js', 'JavaScript', '3 B', '–', '–', '–', '–', '–', 'BinaryFileError'],
    ['broken.ts', 'TypeScript', '18 B', '1', '1', '–', '–', '–', 'SyntaxError'],
    ['empty.ts', 'TypeScript', '0 B', '0', '0', '0', '1', '0', ''],
    ['good.ts', 'TypeScript', '83 B', '4', '4', '1', '3', '1', ''],
    ['it&#39;s &quot;&lt;b&gt;&amp;.js', 'JavaScript', '25 B', '1', '1', '0', '1', '0', ''],
    ['large.ts', 'TypeScript', '1.0 MB', '–', '–', '–', '–', '–', 'FileTooLargeError'],
    ['page.html', 'HTML', '25 B', '1', '1', '–', '–', '–', ''],
  ])
  expect((await readdir(out)).toSorted()).toEqual([
    '.code-report',
    'files',
    'index.html',
    'report.css',
    'report.js',
  ])
  expect(await readdir(join(out, 'files'))).toEqual([
    '00001-binary.js.html',
    '00002-broken.ts.html',
    '00003-empty.ts.html',
    '00004-good.ts.html',
    '00005-it_s_b_.js.html',
    '00006-large.ts.html',
    '00007-page.html.html',
  ])

  const evil = await readFile(join(out, pageName(5, 'it_s_b_.js')), 'utf8')
  expect(evil.includes('<script>alert')).toBe(false)
  const code = /<pre class="code d1"><code>([^]*?)<\/code>/.exec(evil)?.[1]
  expect(code?.replace(/<[^>]*>/g, '')).toBe(`${alertEscaped}\n`)

  const broken = await readFile(join(out, pageName(2, 'broken.ts')), 'utf8')
  expect(
    /<strong>SyntaxError<\/strong>\s*<code>BABEL_PARSER_SYNTAX_ERROR<\/code>/.test(broken),
  ).toBe(true)
  expect(/<p class="message">(.*?)<\/p>/.exec(broken)?.[1]).toBe('Unexpected token (1:16)')
  // The stack of the process that parsed, and the text although it could not be parsed.
  expect(/\n {4}in process &#39;parse-0&#39; \(pid \d+\)<\/pre>/.test(broken)).toBe(true)
  expect(/<code><span class=l id=L1>(.*)/.exec(broken)?.[1]?.replace(/<[^>]*>/g, '')).toBe(
    'export function {',
  )
})

test('prints what it found', async () => {
  await using folder = await temporaryFolder({ 'a.ts': good, 'b.ts': 'const', 'c.css': 'a {}\n' })
  const { code, stdout } = await runProgram([folder.path], { cwd: folder.path })
  const name = folder.path.slice(folder.path.lastIndexOf('/') + 1)
  const settled = stdout
    .replace(/\d+(?:\.\d)? (?:ms|s)\b/g, '<time>')
    .replace(/\d+\.\d files/, '<rate> files')
    .replace(/(slowest file: ).*/, '$1<file>')
    .replace(/(report: ).*(\/code-report-output)/, '$1<folder>$2')
    .replaceAll(name, '<name>')
  expect(code).toBe(0)
  expect(settled).toMatchInlineSnapshot(`
    "code-report: 3 files of <name>, 93 B
    3 files, 6 lines in <time> (<rate> files/s; processes ready after <time>)
    languages: TypeScript 2, CSS 1
    most complex function: f with 3 (a.ts:1)
    slowest file: <file>
    exceptions: in 1 file (SyntaxError 1)
    report: <folder>/code-report-output/index.html
    "
  `)
})

test('reports a file that must not be read, and a folder', async (context) => {
  await using folder = await temporaryFolder({
    'readable.ts': good,
    'secret.ts': good,
    'secrets/a.ts': good,
  })
  await chmod(join(folder.path, 'secret.ts'), 0o000)
  await chmod(join(folder.path, 'secrets'), 0o000)
  // Root may read everything, unless it gives that up.
  const isRoot = process.getuid?.() === 0
  if (isRoot && process.platform !== 'linux') {
    console.log('skipped: root can read everything, and setpriv exists on Linux only')
    context.skip()
  }
  const launcher = isRoot ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : []
  const out = join(folder.path, 'report')
  const { code } = await runProgram([folder.path, '--out', out], { launcher })
  await chmod(join(folder.path, 'secrets'), 0o700)
  expect(code).toBe(0)
  expect(await readRows(out)).toEqual([
    ['readable.ts', 'TypeScript', '83 B', '4', '4', '1', '3', '1', ''],
    ['secret.ts', 'TypeScript', '83 B', '–', '–', '–', '–', '–', 'Error'],
  ])
  const page = await readFile(join(out, 'index.html'), 'utf8')
  expect(/<li>(.*?)<\/li>\s*<\/ul>\s*<\/section>/.exec(page)?.[1]).toBe(
    `secrets: EACCES: permission denied, scandir &#39;${join(folder.path, 'secrets')}&#39;`,
  )
})

test('makes the same report with any number of processes', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `${String(index * 7).padStart(3, '0')}.ts`)
  const files = names.map((name, index) => [name, good.repeat(index % 7)])
  await using folder = await temporaryFolder(Object.fromEntries(files.toReversed()))
  const rows: string[][][] = []
  for (const processes of ['1', '3']) {
    const out = join(folder.path, `report-${processes}`)
    const { code } = await runProgram([folder.path, '--out', out, '--processes', processes])
    expect(code).toBe(0)
    rows.push(await readRows(out))
  }
  expect(rows[0]).toHaveLength(30)
  expect(rows[0]).toEqual(rows[1])
  expect(rows[0]?.map(([path]) => path)).toEqual(names)
})

test('takes no more files than it is told to, the first ones', async () => {
  await using folder = await temporaryFolder({ 'b.ts': good, 'a.ts': good, 'c.ts': good })
  const out = join(folder.path, 'report')
  await runProgram([folder.path, '--out', out, '--max-files', '2'])
  expect((await readRows(out)).map(([path]) => path)).toEqual(['a.ts', 'b.ts'])
})

test('compares one process per member with all CPUs', async () => {
  await using folder = await temporaryFolder({ 'a.ts': good, 'b.ts': good })
  const { code, stdout } = await runProgram([folder.path, '--compare'], { cwd: folder.path })
  expect(code).toBe(0)
  const lines = stdout
    .split('\n')
    .filter((line) => /^(?:1 process|all CPUs|ratio)/.test(line))
    .map((line) => line.replace(/\d+(?:\.\d)? m?s/g, '<time>').replace(/[\d.]+$/, '<ratio>'))
    .map((line) =>
      line.replace(/(all CPUs \(highlight )\d+(, parse )\d+(, tokens )\d+/, '$1n$2n$3n'),
    )
  expect(lines).toEqual([
    '1 process per member (highlight 1, parse 1, tokens 1): <time>, after <time> to start',
    'all CPUs (highlight n, parse n, tokens n): <time>, after <time> to start',
    'ratio: <ratio>',
  ])
})

test('explains itself', async () => {
  const { code, stdout, stderr } = await runProgram(['--help'])
  expect({ code, stderr, firstLine: stdout.split('\n')[0] }).toEqual({
    code: 0,
    stderr: '',
    firstLine: 'Usage: code-report [folder] [options]',
  })
})

test('ends with 2 and a reason when the arguments make no sense', async () => {
  await using folder = await temporaryFolder({
    'only.png': '',
    'full/mine.txt': 'mine',
    'a/b.ts': '',
  })
  const missing = join(folder.path, 'missing')
  const full = join(folder.path, 'full')
  const cases: readonly (readonly [string[], string])[] = [
    [['--frobnicate'], "unknown option '--frobnicate' (--help shows the options)"],
    [[missing], `${missing} is no folder`],
    [
      [join(folder.path, 'a'), '--out', full],
      `${full} exists and holds something else than a code report; name another folder with --out`,
    ],
  ]
  for (const [args, message] of cases) {
    expect(await runProgram(args, { cwd: folder.path })).toEqual({
      code: 2,
      stdout: '',
      stderr: `code-report: ${message}\n`,
    })
  }
})
