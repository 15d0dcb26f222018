/**
 * Refuses options that do not exist: in JavaScript a misspelt one would be ignored without a word.
 *
 * @throws {TypeError} When there is an option of another name, or the options are no object.
 */
export function checkOptions(
  options: object | undefined,
  names: readonly string[],
  where: string,
): void {
  if (options === undefined) return
  if (typeof options !== 'object') throw new TypeError(`the options of ${where} are no object`)
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new TypeError(`${where} has no option "${name}"; it has: ${names.join(', ')}`)
    }
  }
}
