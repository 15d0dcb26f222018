import * as fc from 'fast-check'

/** Strings, also such as no encoding likes. */
export const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.integer({ min: 0xd7f0, max: 0xe00f }).map((code) => String.fromCharCode(code)),
  }),
)

/** Everything that a field can hold and that arrives as it was. */
export const carriable = fc.anything({
  key: text,
  values: [
    text,
    fc.boolean(),
    fc.integer(),
    fc.double(),
    fc.bigInt(),
    fc.constantFrom(null, undefined, -0),
    // Two invalid dates are not equal for anyone who compares.
    fc.date({ noInvalidDate: true }),
  ],
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withSparseArray: true,
  withTypedArray: true,
})
