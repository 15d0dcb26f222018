import type { Highlighted } from './highlight.ts'
import { languageOfLabel } from './language.ts'
import type { FunctionMeasure } from './measure-syntax.ts'
import type { Parsed } from './parse-code.ts'
import type { SourceEntry, SourceFile } from './source-file.ts'
import type { CountedTokens, LineCounts } from './token-statistics.ts'

/** Where in the pipeline something went wrong. */
export type StageName = 'read' | 'highlight' | 'parse' | 'tokens' | 'pipeline'

/** An exception as the report shows it. */
export interface Failure {
  readonly stage: StageName
  /** The name of its class. */
  readonly name: string
  /** Its `code`, when it has one that is text. */
  readonly code: string | undefined
  readonly message: string
  /** With the stack of the process in which it was thrown. */
  readonly stack: string
}

/** The line of one file in the report: small, since the lines of all files are held in memory. */
export interface FileReport {
  readonly path: string
  /** The page of the file, relative to the report's folder. */
  readonly page: string
  readonly language: string
  readonly sizeBytes: number
  /** `undefined` when the tokens could not be counted; likewise below. */
  readonly lines: LineCounts | undefined
  /** The most frequent words of its names; none for text, whose words are no names. */
  readonly words: readonly (readonly [word: string, count: number])[]
  /** `undefined` when the file could not be parsed, or is of a language that the parser cannot read. */
  readonly syntax: SyntaxSummary | undefined
  /** How long each member worked on it, in milliseconds; 0 for those that failed. */
  readonly tookMs: { readonly highlight: number; readonly parse: number; readonly tokens: number }
  readonly failures: readonly Failure[]
}

/** What of a file's syntax the summary needs. */
interface SyntaxSummary {
  readonly functions: number
  readonly maxComplexity: number
  readonly maxNesting: number
  /** The complexity of each function. */
  readonly complexities: readonly number[]
  /** The most complex functions, at most 3. */
  readonly mostComplex: readonly FunctionMeasure[]
}

/** All that is known about one file: what its page shows. */
export interface FileResults {
  readonly file: SourceFile
  readonly highlighted: Highlighted | Error
  /** `null` for a language that the parser does not read. */
  readonly parsed: Parsed | null | Error
  readonly tokens: CountedTokens | Error
}

/** Gives the line of a file that went through the ensemble. */
export function reportResults(results: FileResults): FileReport {
  const { file, highlighted, parsed, tokens } = results
  const { isProse } = languageOfLabel(file.language).lexis
  const failures = [
    ...failuresOf('highlight', highlighted),
    ...failuresOf('parse', parsed),
    ...failuresOf('tokens', tokens),
  ]
  return {
    path: file.path,
    page: pageOf(file),
    language: file.language,
    sizeBytes: file.sizeBytes,
    lines: tokens instanceof Error ? undefined : tokens.lines,
    words: tokens instanceof Error || isProse ? [] : tokens.words,
    syntax: parsed === null || parsed instanceof Error ? undefined : summarise(parsed),
    tookMs: {
      highlight: highlighted instanceof Error ? 0 : highlighted.tookMs,
      parse: parsed === null || parsed instanceof Error ? 0 : parsed.tookMs,
      tokens: tokens instanceof Error ? 0 : tokens.tookMs,
    },
    failures,
  }
}

/** Gives the line of a file that could not be read, or got lost on its way. */
export function reportFailure(entry: SourceEntry, stage: StageName, error: unknown): FileReport {
  return {
    path: entry.path,
    page: pageOf(entry),
    language: entry.language,
    sizeBytes: entry.sizeBytes,
    lines: undefined,
    words: [],
    syntax: undefined,
    tookMs: { highlight: 0, parse: 0, tokens: 0 },
    failures: [describeFailure(stage, error)],
  }
}

/** Describes anything that was thrown. */
function describeFailure(stage: StageName, error: unknown): Failure {
  if (!(error instanceof Error)) {
    const message = typeof error === 'string' ? error : JSON.stringify(error)
    return {
      stage,
      name: 'thrown value',
      code: undefined,
      message: message ?? 'undefined',
      stack: '',
    }
  }
  const code: unknown = Reflect.get(error, 'code')
  return {
    stage,
    name: error.name,
    code: typeof code === 'string' ? code : undefined,
    message: error.message,
    stack: error.stack ?? '',
  }
}

function failuresOf(stage: StageName, result: unknown): Failure[] {
  return result instanceof Error ? [describeFailure(stage, result)] : []
}

function summarise({ functions, maxComplexity, maxNesting }: Parsed): SyntaxSummary {
  return {
    functions: functions.length,
    maxComplexity,
    maxNesting,
    complexities: functions.map(({ complexity }) => complexity),
    mostComplex: functions.toSorted((a, b) => b.complexity - a.complexity).slice(0, 3),
  }
}

/** A name that is safe on every file system and in every URL, and unique by its number. */
function pageOf({ index, path }: Pick<SourceEntry, 'index' | 'path'>): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/[^\w.-]+/g, '_')
  return `files/${String(index + 1).padStart(5, '0')}-${name.slice(0, 80)}.html`
}
