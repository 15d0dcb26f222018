/** A node of a syntax tree in the shape that `@babel/parser` gives. */
export interface SyntaxNode {
  readonly type: string
}

/** Whether a value in a syntax tree is a node. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof fieldOf(value, 'type') === 'string'
}

/** A field of an object, and `undefined` of anything else. */
export function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, field) : undefined
}

/** The name that an identifier, a key or the last part of `a.b.c` says. */
export function textOfName(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  switch (node.type) {
    case 'Identifier':
      return String(fieldOf(node, 'name'))
    case 'PrivateName':
      return `#${textOfName(fieldOf(node, 'id')) ?? ''}`
    case 'StringLiteral':
    case 'NumericLiteral':
      return String(fieldOf(node, 'value'))
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return fieldOf(node, 'computed') === true ? undefined : textOfName(fieldOf(node, 'property'))
    case 'Super':
      return 'super'
    case 'Import':
      return 'import'
    default:
      return undefined
  }
}
