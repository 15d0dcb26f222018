import { parse, type ParserPlugin } from '@babel/parser'
import { Worker } from '@mpservice/server'
import { languageOfLabel } from './language.ts'
import { measureSyntax, type Syntax } from './measure-syntax.ts'
import type { SourceFile } from './source-file.ts'

/** What the syntax tree says and how long it took, in milliseconds. */
export interface Parsed extends Syntax {
  readonly tookMs: number
}

/** Parses JavaScript and TypeScript files and measures their functions; gives `null` for others. */
export class Parse extends Worker<SourceFile, Parsed | null> {
  static readonly module: string = import.meta.url

  call(file: SourceFile): Parsed | null {
    const { plugins } = languageOfLabel(file.language)
    if (plugins === undefined) return null
    const startedAt = performance.now()
    const syntax = parseSyntax(file.text, file.path, plugins)
    return { ...syntax, tookMs: performance.now() - startedAt }
  }
}

/**
 * Parses a text and measures it. The path decides whether it must be a module.
 *
 * @throws {SyntaxError} When it has an error of syntax; the message names line and column.
 */
export function parseSyntax(text: string, path: string, plugins: readonly ParserPlugin[]): Syntax {
  const { program } = parse(text, {
    sourceType: /\.m[jt]s$/.test(path) ? 'module' : 'unambiguous',
    plugins: [...plugins],
    attachComment: false,
    allowAwaitOutsideFunction: true,
    allowNewTargetOutsideFunction: true,
    allowReturnOutsideFunction: true,
    allowSuperOutsideMethod: true,
    allowUndeclaredExports: true,
  })
  return measureSyntax(program)
}
