import { expect, test } from 'vitest'
import { languageOfLabel } from '../src/language.ts'
import { measureSyntax, type Syntax } from '../src/measure-syntax.ts'
import { parseSyntax } from '../src/parse-code.ts'

function measure(text: string, label = 'TypeScript', path = 'file.ts'): Syntax {
  return parseSyntax(text, path, languageOfLabel(label).plugins ?? [])
}

function complexityOf(body: string): number | undefined {
  return measure(`async function f(a, b) { ${body} }`).functions[0]?.complexity
}

test.each([
  ['', 1],
  ['return a ? 1 : 2', 2],
  ['if (a) return 1; else if (b) return 2; else return 3', 3],
  ['for (;;) {} for (const x in a) {} for (const x of a) {}', 4],
  ['while (a) {} do {} while (b)', 3],
  ['switch (a) { case 1: case 2: break; default: }', 3],
  ['try { a() } catch { b() } finally { a() }', 2],
  ['return (a && b) || (a ?? b)', 4],
  ['a &&= b; a ||= b; a ??= b; a += b', 4],
  ['return a?.b?.()', 1],
  ['return [1, 2].map((x) => (x ? 1 : 2))', 1],
])('gives the complexity of { %s }', (body, complexity) => {
  expect(complexityOf(body)).toBe(complexity)
})

test.each([
  ['', 0],
  ['if (a) {} else if (b) {} else if (a) {}', 1],
  ['if (a) {} else { if (b) {} }', 2],
  ['for (const x of a) { try { while (b) {} } catch { if (a) { switch (b) {} } } }', 4],
  ['return () => { if (a) { if (b) {} } }', 0],
  ['return a ? (b ? 1 : 2) : 3', 0],
])('gives the nesting of { %s }', (body, nesting) => {
  expect(measure(`function f(a, b) { ${body} }`).functions[0]?.nesting).toBe(nesting)
})

test('names functions by themselves or by where they stand, in the order of the text', () => {
  const { functions } = measure(`
    export default function () {}
    function plain(a, { b }, ...c) {
      return () => {}
    }
    const arrow = async () => {}
    const named = function inner() {}
    object.deep.method = function () {}
    const table = { key: () => {}, short() {}, get x() { return 1 }, 'odd key': () => {}, [plain()]() {} }
    class Queue {
      static make = () => {}
      #items = []
      constructor() {}
      #grow() {}
      put(x) { list.map((y) => y) }
    }
    const Other = class { run() {} }
    setTimeout(() => {})
    new Promise((resolve) => {})
    const cast = (() => {}) as Handler
    ;(() => {})()
  `)
  expect(functions.map(({ name, line, parameters }) => `${line} ${name}(${parameters})`)).toEqual([
    '2 default(0)',
    '3 plain(3)',
    '4 (anonymous)(0)',
    '6 arrow(0)',
    '7 inner(0)',
    '8 method(0)',
    '9 key(0)',
    '9 short(0)',
    '9 x(0)',
    '9 odd key(0)',
    '9 (computed)(0)',
    '11 Queue.make(0)',
    '13 Queue.constructor(0)',
    '14 Queue.#grow(0)',
    '15 Queue.put(1)',
    '15 callback of map(1)',
    '17 Other.run(0)',
    '18 callback of setTimeout(0)',
    '19 callback of Promise(1)',
    '20 cast(0)',
    '21 (anonymous)(0)',
  ])
})

test('gives the measures of a whole file', () => {
  const text = `import a from 'a'
if (a) {
  a()
}
export class C {
  m(x: number): number {
    for (;;) {
      if (x > 1 || x < -1) return x
    }
  }
}
interface I { n(): void }
type T = I
declare function d(): void
`
  expect(measure(text)).toEqual({
    functions: [{ name: 'C.m', line: 6, endLine: 10, parameters: 1, complexity: 4, nesting: 2 }],
    maxComplexity: 4,
    maxNesting: 2,
    classes: 1,
    declarations: 4,
    imports: 1,
  })
})

test('counts the top level like a function', () => {
  const { functions, maxComplexity, maxNesting } = measure('if (a) { while (b) {} }')
  expect({ functions, maxComplexity, maxNesting }).toEqual({
    functions: [],
    maxComplexity: 3,
    maxNesting: 2,
  })
})

test.each([
  ['TypeScript', 'x.ts', 'await using x = f(); class A { constructor(@inject() private b: B) {} }'],
  ['TypeScript declarations', 'x.d.ts', 'export function f(): void; export { notHere }'],
  ['TSX', 'x.tsx', 'const x = <T,>(a: T) => <b>{a as string}</b>'],
  ['JavaScript', 'x.js', '@d class A { accessor b = <c/> }'],
  ['JavaScript', 'x.cjs', 'return with_(arguments); function with_() { with (a) {} }'],
])('reads %s as in %s', (label, path, text) => {
  expect(measure(text, label, path).maxComplexity).toBe(1)
})

test('says where an error of syntax is', () => {
  const text = 'const a = 1\nfunction {'
  expect(() => measure(text)).toThrow(SyntaxError)
  expect(() => measure(text)).toThrow(/^Unexpected token \(2:9\)$/)
})

test('walks trees that are too deep for recursion', () => {
  let node: object = { type: 'Identifier', name: 'a' }
  for (let depth = 0; depth < 100_000; depth += 1) {
    node = { type: 'LogicalExpression', left: node, right: { type: 'Identifier', name: 'b' } }
  }
  const program = { type: 'Program', body: [node] }
  expect(measureSyntax(program).maxComplexity).toBe(100_001)
})
