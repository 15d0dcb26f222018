import { type SyntaxNode, textOfName, fieldOf } from './syntax-node.ts'

/** A node, and what its surroundings say about the names of functions there. */
export interface NamingPlace {
  readonly node: SyntaxNode
  /** What a function here would be called. */
  readonly name: string | undefined
  /** The class that the node is a member of. */
  readonly className: string | undefined
}

/** What a function in this field of the node would be called. */
export function nameForField(
  { node, className, name }: NamingPlace,
  field: string,
): string | undefined {
  switch (`${node.type}.${field}`) {
    case 'VariableDeclarator.init':
      return textOfName(fieldOf(node, 'id'))
    case 'AssignmentExpression.right':
    case 'AssignmentPattern.right':
      return textOfName(fieldOf(node, 'left'))
    case 'ObjectProperty.value':
      return textOfName(fieldOf(node, 'key'))
    case 'ClassProperty.value':
    case 'ClassPrivateProperty.value':
    case 'ClassAccessorProperty.value':
      return member(className, textOfName(fieldOf(node, 'key')))
    case 'ExportDefaultDeclaration.declaration':
      return 'default'
    case 'CallExpression.arguments':
    case 'NewExpression.arguments':
    case 'OptionalCallExpression.arguments': {
      const callee = textOfName(fieldOf(node, 'callee'))
      return callee === undefined ? undefined : `callback of ${callee}`
    }
    case 'TSAsExpression.expression':
    case 'TSSatisfiesExpression.expression':
    case 'ParenthesizedExpression.expression':
      return name
    default:
      return undefined
  }
}

/** What a function is called by itself, or else by where it stands. */
export function functionName({ node, name, className }: NamingPlace): string {
  if (node.type === 'ClassMethod' || node.type === 'ClassPrivateMethod') {
    return member(className, textOfName(fieldOf(node, 'key'))) ?? '(computed)'
  }
  if (node.type === 'ObjectMethod') return textOfName(fieldOf(node, 'key')) ?? '(computed)'
  return textOfName(fieldOf(node, 'id')) ?? name ?? '(anonymous)'
}

function member(className: string | undefined, name: string | undefined): string | undefined {
  return className === undefined || name === undefined ? name : `${className}.${name}`
}
