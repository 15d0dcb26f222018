import { encodeText } from './encode-text.ts'
import { encodeValue } from './encode-value.ts'
import { charge, type Encoding, UncarriableSignal, writeOrDrop } from './encoding.ts'
import { readErrorTexts } from './error-texts.ts'
import { NotCarriedError } from './errors.ts'
import { type ClassChain, readClassChain } from './exception-classes.ts'
import { type EncodedField, type ErrorData, hiddenNames, reservedNames } from './exception-data.ts'
import { type RemoteRecord, sharedState } from './shared-state.ts'

/** Writes one error; the errors that it holds get a place and are written later. */
export function encodeError(encoding: Encoding, error: object, depth: number): ErrorData {
  const record = sharedState().remoteRecords.get(error)
  const chain = readClasses(error, record)
  const { name, message, stack, printsCode } = readErrorTexts(encoding, error, record)
  const data: ErrorDraft = {
    classes: chain.names,
    name: encodeText(name ?? chain.names[0] ?? 'Error'),
  }
  if (message !== undefined) data.message = encodeText(message)
  if (stack !== '') data.stack = encodeText(stack)
  if (printsCode) data.printsCode = true
  addCause(encoding, data, error, record, depth)
  addHidden(encoding, data, error, depth)
  addFields(encoding, data, error, depth)
  addState(encoding, data, error, chain, record, depth)
  const dropped = record === undefined ? encoding.dropped : record.dropped.concat(encoding.dropped)
  if (dropped.length > 0) data.dropped = dropped
  return data
}

/** The error that stands for what cannot be carried. */
export function notCarried(message: string): ErrorData {
  return {
    classes: ['NotCarriedError', 'Error'],
    name: 'NotCarriedError',
    message: encodeText(message),
    fields: [['code', 'NOT_CARRIED']],
  }
}

type ErrorDraft = { -readonly [Key in keyof ErrorData]: ErrorData[Key] }

const maxListedErrors = 1000

function readClasses(error: object, record: RemoteRecord | undefined): ClassChain {
  try {
    const chain = readClassChain(error)
    // What arrived here as an ancestor of its class may find its class at the next place.
    return record === undefined ? chain : { ...chain, names: record.classes }
  } catch {
    return { names: ['Error'], registration: undefined }
  }
}

function addCause(
  encoding: Encoding,
  data: ErrorDraft,
  error: object,
  record: RemoteRecord | undefined,
  depth: number,
): void {
  let cause: { readonly value: unknown } | undefined
  const unread = writeOrDrop(encoding, 'cause', () => {
    cause = readCause(error, record)
  })
  if (unread !== undefined || cause === undefined) return
  const { value } = cause
  const uncarried = writeOrDrop(encoding, 'cause', () => {
    data.cause = encodeValue(encoding, value, depth + 1)
  })
  if (uncarried === undefined) return
  data.cause = ['error', encoding.errors.length]
  encoding.errors.push(notCarried(`a cause cannot be carried: it is ${uncarried}`))
}

function readCause(
  error: object,
  record: RemoteRecord | undefined,
): { readonly value: unknown } | undefined {
  const isOwn = Object.hasOwn(error, 'cause')
  const value: unknown = Reflect.get(error, 'cause')
  // A class can have a getter for it, or, as some libraries, a method.
  if (!isOwn && (value === undefined || typeof value === 'function')) return undefined
  const isAdded = value !== undefined && value === record?.addedCause
  return isAdded ? undefined : { value }
}

function addHidden(encoding: Encoding, data: ErrorDraft, error: object, depth: number): void {
  const hidden: EncodedField[] = []
  for (const key of hiddenNames) {
    writeOrDrop(encoding, key, () => {
      const descriptor = Reflect.getOwnPropertyDescriptor(error, key)
      if (descriptor === undefined || descriptor.enumerable === true) return
      const value = shortened(Reflect.get(error, key))
      hidden.push([key, encodeValue(encoding, value, depth + 1)])
    })
  }
  if (hidden.length > 0) data.hidden = hidden
}

function shortened(list: unknown): unknown {
  if (!Array.isArray(list) || list.length <= maxListedErrors) return list
  const more = new NotCarriedError(`${list.length - maxListedErrors} more errors were not carried`)
  return [...list.slice(0, maxListedErrors), more]
}

function addFields(encoding: Encoding, data: ErrorDraft, error: object, depth: number): void {
  const fields: EncodedField[] = []
  let keys: readonly string[] = []
  let symbols: readonly symbol[] = []
  writeOrDrop(encoding, '(fields)', () => {
    keys = Object.keys(error)
    symbols = Object.getOwnPropertySymbols(error)
  })
  for (const symbol of symbols) noteSymbol(encoding, error, symbol)
  for (const key of keys) {
    if (reservedNames.has(key)) continue
    writeOrDrop(encoding, key, () => {
      if (key in Object.prototype) throw new UncarriableSignal('a field that would hide a method')
      charge(encoding, 1, key.length)
      fields.push([encodeText(key), encodeValue(encoding, Reflect.get(error, key), depth + 1)])
    })
  }
  if (fields.length > 0) data.fields = fields
}

function noteSymbol(encoding: Encoding, error: object, symbol: symbol): void {
  writeOrDrop(encoding, String(symbol), () => {
    const descriptor = Reflect.getOwnPropertyDescriptor(error, symbol)
    if (descriptor?.enumerable === true) throw new UncarriableSignal('a field under a symbol')
  })
}

function addState(
  encoding: Encoding,
  data: ErrorDraft,
  error: object,
  chain: ClassChain,
  record: RemoteRecord | undefined,
  depth: number,
): void {
  const { encode, name = '' } = chain.registration ?? {}
  const passedOn = record?.state
  // The state of a class that is unknown here goes on as it came.
  const isForeign = passedOn !== undefined && passedOn.className !== name
  if (encode === undefined && !isForeign) return
  writeOrDrop(encoding, '(state)', () => {
    const state = isForeign ? passedOn.value : encode?.(error)
    const className = isForeign ? passedOn.className : name
    data.state = [className, encodeValue(encoding, state, depth + 1)]
  })
}
