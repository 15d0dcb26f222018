import { basename } from 'node:path'
import type { ParserPlugin } from '@babel/parser'
import type { BundledLanguage, SpecialLanguage } from 'shiki'
import { type Lexis, lexes } from './lexis.ts'

/** What is known about one language: how to highlight, parse and scan it. */
export interface Language {
  /** What the report calls it. */
  readonly label: string
  /** The name of its grammar in shiki. */
  readonly grammar: BundledLanguage | SpecialLanguage
  /** Where its comments and strings begin and end. */
  readonly lexis: Lexis
  /** Parser plugins with which `@babel/parser` reads it; absent when it cannot. */
  readonly plugins?: readonly ParserPlugin[]
}

const common: readonly ParserPlugin[] = ['explicitResourceManagement', 'decoratorAutoAccessors']

const table: readonly (readonly [names: string, language: Language])[] = [
  [
    '.d.ts .d.mts .d.cts',
    {
      label: 'TypeScript declarations',
      grammar: 'typescript',
      lexis: lexes.javascript,
      plugins: [...common, ['typescript', { dts: true }]],
    },
  ],
  [
    '.ts .mts .cts',
    {
      label: 'TypeScript',
      grammar: 'typescript',
      lexis: lexes.javascript,
      plugins: [...common, 'decorators-legacy', 'typescript'],
    },
  ],
  [
    '.tsx',
    {
      label: 'TSX',
      grammar: 'tsx',
      lexis: lexes.javascript,
      plugins: [...common, 'decorators-legacy', 'typescript', 'jsx'],
    },
  ],
  [
    '.js .mjs .cjs .jsx',
    {
      label: 'JavaScript',
      grammar: 'javascript',
      lexis: lexes.javascript,
      plugins: [...common, 'decorators', 'jsx'],
    },
  ],
  ['.json .map', { label: 'JSON', grammar: 'json', lexis: lexes.json }],
  ['.jsonc .json5', { label: 'JSON with comments', grammar: 'json5', lexis: lexes.c }],
  ['.md .markdown', { label: 'Markdown', grammar: 'markdown', lexis: lexes.prose }],
  ['.mdx', { label: 'MDX', grammar: 'mdx', lexis: lexes.prose }],
  ['.txt .rst', { label: 'Text', grammar: 'text', lexis: lexes.prose }],
  ['.css', { label: 'CSS', grammar: 'css', lexis: lexes.css }],
  ['.scss', { label: 'SCSS', grammar: 'scss', lexis: lexes.c }],
  ['.less', { label: 'Less', grammar: 'less', lexis: lexes.c }],
  ['.html .htm', { label: 'HTML', grammar: 'html', lexis: lexes.markup }],
  ['.xml .svg .xsd', { label: 'XML', grammar: 'xml', lexis: lexes.markup }],
  ['.vue', { label: 'Vue', grammar: 'vue', lexis: lexes.markup }],
  ['.svelte', { label: 'Svelte', grammar: 'svelte', lexis: lexes.markup }],
  ['.astro', { label: 'Astro', grammar: 'astro', lexis: lexes.markup }],
  ['.yaml .yml', { label: 'YAML', grammar: 'yaml', lexis: lexes.hash }],
  ['.toml', { label: 'TOML', grammar: 'toml', lexis: lexes.hash }],
  ['.ini .cfg .properties', { label: 'INI', grammar: 'ini', lexis: lexes.ini }],
  ['.py .pyi', { label: 'Python', grammar: 'python', lexis: lexes.python }],
  ['.rb Gemfile Rakefile', { label: 'Ruby', grammar: 'ruby', lexis: lexes.hash }],
  ['.sh .bash .zsh', { label: 'Shell', grammar: 'shellscript', lexis: lexes.hash }],
  ['.ps1', { label: 'PowerShell', grammar: 'powershell', lexis: lexes.hash }],
  ['.pl .pm', { label: 'Perl', grammar: 'perl', lexis: lexes.hash }],
  ['.r', { label: 'R', grammar: 'r', lexis: lexes.hash }],
  ['.ex .exs', { label: 'Elixir', grammar: 'elixir', lexis: lexes.hash }],
  ['Makefile .mk', { label: 'Makefile', grammar: 'make', lexis: lexes.hash }],
  ['CMakeLists.txt .cmake', { label: 'CMake', grammar: 'cmake', lexis: lexes.hash }],
  ['Dockerfile .dockerfile', { label: 'Dockerfile', grammar: 'docker', lexis: lexes.hash }],
  ['.graphql .gql', { label: 'GraphQL', grammar: 'graphql', lexis: lexes.hash }],
  ['.c .h', { label: 'C', grammar: 'c', lexis: lexes.c }],
  ['.cc .cpp .cxx .hh .hpp .hxx', { label: 'C++', grammar: 'cpp', lexis: lexes.c }],
  ['.cs', { label: 'C#', grammar: 'csharp', lexis: lexes.c }],
  ['.java', { label: 'Java', grammar: 'java', lexis: lexes.c }],
  ['.kt .kts', { label: 'Kotlin', grammar: 'kotlin', lexis: lexes.c }],
  ['.scala', { label: 'Scala', grammar: 'scala', lexis: lexes.c }],
  ['.swift', { label: 'Swift', grammar: 'swift', lexis: lexes.c }],
  ['.go', { label: 'Go', grammar: 'go', lexis: lexes.go }],
  ['.rs', { label: 'Rust', grammar: 'rust', lexis: lexes.rust }],
  ['.zig', { label: 'Zig', grammar: 'zig', lexis: lexes.rust }],
  ['.dart', { label: 'Dart', grammar: 'dart', lexis: lexes.c }],
  ['.php', { label: 'PHP', grammar: 'php', lexis: lexes.php }],
  ['.proto', { label: 'Protocol Buffers', grammar: 'proto', lexis: lexes.c }],
  ['.sql', { label: 'SQL', grammar: 'sql', lexis: lexes.sql }],
  ['.lua', { label: 'Lua', grammar: 'lua', lexis: lexes.dashes }],
  ['.hs', { label: 'Haskell', grammar: 'haskell', lexis: lexes.dashes }],
]

const byName = new Map(
  table.flatMap(([names, language]) => names.split(' ').map((name) => [name, language] as const)),
)

const byLabel = new Map(table.map(([, language]) => [language.label, language]))

/** Gives the language of a file by its name, or `undefined` when it is none that is known. */
export function languageOfPath(path: string): Language | undefined {
  const name = basename(path)
  const whole = byName.get(name)
  if (whole !== undefined) return whole
  const parts = name.toLowerCase().split('.')
  const twoEndings = parts.length > 2 ? byName.get(`.${parts.slice(-2).join('.')}`) : undefined
  return twoEndings ?? (parts.length > 1 ? byName.get(`.${parts.at(-1)}`) : undefined)
}

/**
 * Gives the language with this label, which is how a language is named between processes.
 *
 * @throws {RangeError} When there is none.
 */
export function languageOfLabel(label: string): Language {
  const language = byLabel.get(label)
  if (language === undefined) throw new RangeError(`there is no language "${label}"`)
  return language
}
