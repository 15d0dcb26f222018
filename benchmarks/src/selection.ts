interface Named {
  readonly name: string
}

/**
 * The one with exactly this name.
 *
 * @throws {RangeError} When there is none.
 */
export function findByName<Item extends Named>(items: readonly Item[], name: string): Item {
  const found = items.find((item) => item.name === name)
  if (found === undefined) throw new RangeError(unknownName(items, name))
  return found
}

/**
 * Those whose names are in a list that is separated by commas, or begin with an entry of it and a
 * dash: `echo` takes `echo-1k` and `echo-1m`. In the order of `items`.
 *
 * @throws {RangeError} When an entry fits none; the message names all.
 */
export function selectByNames<Item extends Named>(
  items: readonly Item[],
  list: string,
): readonly Item[] {
  const wanted = list.split(',').map((entry) => entry.trim())
  for (const entry of wanted) {
    if (!items.some((item) => fits(item, entry))) throw new RangeError(unknownName(items, entry))
  }
  return items.filter((item) => wanted.some((entry) => fits(item, entry)))
}

function fits({ name }: Named, entry: string): boolean {
  return name === entry || name.startsWith(`${entry}-`)
}

function unknownName(items: readonly Named[], name: string): string {
  return `"${name}" is none of ${items.map((item) => item.name).join(', ')}`
}
