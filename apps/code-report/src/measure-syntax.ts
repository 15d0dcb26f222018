import { functionName, nameForField } from './function-name.ts'
import { fieldOf, isNode, type SyntaxNode, textOfName } from './syntax-node.ts'

/** The measures of one function. */
export interface FunctionMeasure {
  /** Its name as far as the text gives it one: `Queue.put`, `callback of map`, `(anonymous)`. */
  readonly name: string
  /** Its first and last line, from 1. */
  readonly line: number
  readonly endLine: number
  readonly parameters: number
  /** The number of independent paths through it: 1, and 1 for each decision. */
  readonly complexity: number
  /** How deep its control structures are nested; those of functions within it are their own. */
  readonly nesting: number
}

/** What the syntax tree of one file says. */
export interface Syntax {
  /** Every function with a body, in the order of the text. */
  readonly functions: readonly FunctionMeasure[]
  /** The largest cyclomatic complexity of its functions and of its top level; at least 1. */
  readonly maxComplexity: number
  /** How deep control structures are nested, at most. */
  readonly maxNesting: number
  readonly classes: number
  /** Interfaces, type aliases, and functions and methods without a body. */
  readonly declarations: number
  readonly imports: number
}

interface Tally {
  name: string
  line: number
  endLine: number
  parameters: number
  complexity: number
  nesting: number
}

/** A node that waits to be visited, with what its surroundings say about it. */
interface Visit {
  readonly node: SyntaxNode
  /** The function that it belongs to. */
  readonly tally: Tally
  /** How deep it is nested in that function. */
  readonly depth: number
  /** What a function here would be called. */
  readonly name: string | undefined
  /** The class that it is a member of. */
  readonly className: string | undefined
  /** Whether it is the `if` of an `else if`. */
  readonly isElseIf: boolean
}

/**
 * Measures the functions below a syntax tree of `@babel/parser`.
 *
 * Decisions are `if`, `?:`, loops, `case`, `catch`, `&&`, `||`, `??` and their assignments. Nesting
 * counts `if`, loops, `switch` and `try`; an `else if` is as deep as its `if`. Trees of any depth
 * are walked, since nothing is called recursively.
 */
export function measureSyntax(program: SyntaxNode): Syntax {
  const topLevel = newTally('(top level)', program, 0)
  const functions: Tally[] = []
  const counts = { classes: 0, declarations: 0, imports: 0 }
  const pending: Visit[] = [
    {
      node: program,
      tally: topLevel,
      depth: 0,
      name: undefined,
      className: undefined,
      isElseIf: false,
    },
  ]
  for (let visit = pending.pop(); visit !== undefined; visit = pending.pop()) {
    const kind = countedAs.get(visit.node.type)
    if (kind !== undefined) counts[kind] += 1
    const inside = enter(visit, functions)
    pending.push(...childVisits(visit, inside).toReversed())
  }
  const all = [...functions, topLevel]
  return {
    functions,
    maxComplexity: all.reduce((max, { complexity }) => Math.max(max, complexity), 1),
    maxNesting: all.reduce((max, { nesting }) => Math.max(max, nesting), 0),
    ...counts,
  }
}

const functionTypes = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ObjectMethod',
  'ClassMethod',
  'ClassPrivateMethod',
])
const nestingTypes = new Set([
  'IfStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'SwitchStatement',
  'TryStatement',
])
const decisionTypes = new Set([
  'IfStatement',
  'ConditionalExpression',
  'LogicalExpression',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'CatchClause',
])
const countedAs = new Map<string, 'classes' | 'declarations' | 'imports'>([
  ['ClassDeclaration', 'classes'],
  ['ClassExpression', 'classes'],
  ['ImportDeclaration', 'imports'],
  ['TSInterfaceDeclaration', 'declarations'],
  ['TSTypeAliasDeclaration', 'declarations'],
  ['TSDeclareFunction', 'declarations'],
  ['TSDeclareMethod', 'declarations'],
  ['TSMethodSignature', 'declarations'],
])

/** Counts the node for its function; a function begins a tally of its own. */
function enter(visit: Visit, functions: Tally[]): { tally: Tally; depth: number } {
  const { node, tally, depth } = visit
  if (functionTypes.has(node.type)) {
    const own = newTally(functionName(visit), node, lengthOf(fieldOf(node, 'params')))
    functions.push(own)
    return { tally: own, depth: 0 }
  }
  if (isDecision(node)) tally.complexity += 1
  if (!nestingTypes.has(node.type) || visit.isElseIf) return { tally, depth }
  tally.nesting = Math.max(tally.nesting, depth + 1)
  return { tally, depth: depth + 1 }
}

function isDecision(node: SyntaxNode): boolean {
  if (node.type === 'SwitchCase') return isNode(fieldOf(node, 'test'))
  if (node.type === 'AssignmentExpression') {
    return ['&&=', '||=', '??='].includes(String(fieldOf(node, 'operator')))
  }
  return decisionTypes.has(node.type)
}

function childVisits(
  visit: Visit,
  { tally, depth }: { readonly tally: Tally; readonly depth: number },
): Visit[] {
  const { node } = visit
  const isClass = node.type === 'ClassDeclaration' || node.type === 'ClassExpression'
  const className = isClass
    ? (textOfName(fieldOf(node, 'id')) ?? visit.name ?? '(class)')
    : functionTypes.has(node.type)
      ? undefined
      : visit.className
  const visits: Visit[] = []
  for (const [field, value] of Object.entries(node)) {
    if (typeof value !== 'object' || value === null || field === 'loc') continue
    const name = nameForField(visit, field)
    for (const child of Array.isArray(value) ? value : [value]) {
      if (!isNode(child)) continue
      const isElseIf =
        field === 'alternate' && node.type === 'IfStatement' && child.type === 'IfStatement'
      visits.push({ node: child, tally, depth, name, className, isElseIf })
    }
  }
  return visits
}

function newTally(name: string, node: SyntaxNode, parameters: number): Tally {
  const loc = fieldOf(node, 'loc')
  const line = (place: 'start' | 'end'): number => Number(fieldOf(fieldOf(loc, place), 'line')) || 1
  return {
    name,
    line: line('start'),
    endLine: line('end'),
    parameters,
    complexity: 1,
    nesting: 0,
  }
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0
}
