const reserved = new Set(
  `abstract and as async await bool boolean break case catch char class const continue declare def
  default del delete do double elif else end enum export extends extern false final finally float
  fn for foreach from func function get if impl implements import in instanceof int interface is
  lambda let local long match mod module mut namespace new nil not null of or override package pass
  private protected pub public raise readonly return self set short signed sizeof static string
  struct super switch then this throw throws trait true try type typeof undefined union unsafe
  unsigned until use using val var void volatile when where while with yield`
    .trim()
    .split(/\s+/),
)

// Words of running text that say nothing about what it is about.
const filler = new Set(
  `about all also and any are been but can does each every for from has have how into its may more
  must not one only other out own same see should some such than that the their them then there
  these they this those two was were what when where which will with would you your`
    .trim()
    .split(/\s+/),
)

/** Whether a name is a reserved word in one of the common languages. */
export function isReservedWord(name: string): boolean {
  return reserved.has(name)
}

/**
 * Splits a name into its words, lower-case: `parseHTTPHeader_v2` into `parse`, `http`, `header`.
 * Left out are words of fewer than three letters and those that say nothing.
 */
export function wordsOfName(name: string): string[] {
  const parts = name.match(/\p{Lu}?\p{Ll}+|\p{Lu}+(?!\p{Ll})|\p{Lo}+/gu) ?? []
  return parts
    .map((part) => part.toLowerCase())
    .filter((word) => word.length >= 3 && !filler.has(word) && !reserved.has(word))
}
