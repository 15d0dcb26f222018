/** Where the comments and strings of a language begin and end; all that a scan has to know. */
export interface Lexis {
  /** What begins a comment up to the end of its line. */
  readonly lineComments: readonly string[]
  /** What begins and ends a comment over several lines. */
  readonly blockComments: readonly (readonly [open: string, close: string])[]
  /** What begins and ends a string within a line; a backslash escapes. */
  readonly quotes: readonly string[]
  /** What begins and ends a string over several lines; a backslash escapes. */
  readonly longQuotes: readonly string[]
  /** Whether there are template literals with `${…}` and regular expressions between slashes. */
  readonly isJavaScript: boolean
  /** Whether it is text for people, whose words are not names. */
  readonly isProse: boolean
}

const none: Lexis = {
  lineComments: [],
  blockComments: [],
  quotes: [],
  longQuotes: [],
  isJavaScript: false,
  isProse: false,
}

const slashes: Lexis = {
  ...none,
  lineComments: ['//'],
  blockComments: [['/*', '*/']],
  quotes: ['"', "'"],
}

/** The families of languages that share their comments and strings. */
export const lexes = {
  javascript: { ...slashes, isJavaScript: true },
  c: slashes,
  go: { ...slashes, longQuotes: ['`'] },
  // An apostrophe begins a lifetime as often as a character there.
  rust: { ...slashes, quotes: ['"'] },
  php: { ...slashes, lineComments: ['//', '#'] },
  css: { ...slashes, lineComments: [] },
  json: { ...none, quotes: ['"'] },
  hash: { ...none, lineComments: ['#'], quotes: ['"', "'"] },
  python: { ...none, lineComments: ['#'], quotes: ['"', "'"], longQuotes: ['"""', "'''"] },
  ini: { ...none, lineComments: [';', '#'] },
  sql: { ...slashes, lineComments: ['--'] },
  dashes: {
    ...none,
    lineComments: ['--'],
    blockComments: [
      ['--[[', ']]'],
      ['{-', '-}'],
    ],
    quotes: ['"'],
  },
  // Quotes in running text are apostrophes.
  markup: { ...none, blockComments: [['<!--', '-->']] },
  prose: { ...none, blockComments: [['<!--', '-->']], isProse: true },
} satisfies Record<string, Lexis>
