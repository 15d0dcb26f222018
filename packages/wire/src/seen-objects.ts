/**
 * Numbers the objects of one value in the order in which they are met, and recognises them.
 *
 * Most values hold few objects, which an array finds faster than a hash table; with more, a set,
 * which takes an object and tells whether it is new in one step; and only where one is met again a
 * map, which knows its number.
 */
export class SeenObjects {
  #count = 0
  readonly #few: (object | undefined)[] = Array.from({ length: maxFew }, () => undefined)
  #many: Set<object> | undefined
  #numbers: Map<object, number> | undefined

  /** Gives the number of an object that was met before; −1 for a new one, which then has the next. */
  find(object: object): number {
    const count = this.#count
    if (count >= maxFew) return this.#findAmongMany(object)
    const few = this.#few
    for (let i = 0; i < count; i++) if (few[i] === object) return i
    few[count] = object
    this.#count = count + 1
    return -1
  }

  /** How many objects were met. */
  get count(): number {
    return this.#count
  }

  /** Forgets all objects. */
  clear(): void {
    const used = Math.min(this.#count, maxFew)
    for (let i = 0; i < used; i++) this.#few[i] = undefined
    this.#count = 0
    this.#many = undefined
    this.#numbers = undefined
  }

  #findAmongMany(object: object): number {
    const many = (this.#many ??= this.#firstFew())
    if (many.size === many.add(object).size) return this.#numberOf(many, object)
    this.#numbers?.set(object, this.#count)
    this.#count++
    return -1
  }

  #firstFew(): Set<object> {
    const many = new Set<object>()
    for (const object of this.#few) if (object !== undefined) many.add(object)
    return many
  }

  #numberOf(many: ReadonlySet<object>, object: object): number {
    this.#numbers ??= new Map(Array.from(many, (one, number) => [one, number]))
    return this.#numbers.get(object) ?? -1
  }
}

const maxFew = 16
