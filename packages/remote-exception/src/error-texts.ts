import { describeValue } from './describe-value.ts'
import { cutEnd, cutMiddle } from './encode-text.ts'
import { type Encoding, writeOrDrop } from './encoding.ts'
import type { RemoteRecord } from './shared-state.ts'

/** The texts of an error, cut to the limits. */
export interface ErrorTexts {
  readonly name: string | undefined
  /** `undefined` where the error has no message of its own. */
  readonly message: string | undefined
  /** Empty where there is none. */
  readonly stack: string
  /** Whether the text of the error is `name [code]: message`. */
  readonly printsCode: boolean
}

/** Reads name, message and stack of an error, and takes their characters from what is left. */
export function readErrorTexts(
  encoding: Encoding,
  error: object,
  record: RemoteRecord | undefined,
): ErrorTexts {
  const name: unknown = read(encoding, error, 'name')
  const message = readMessage(encoding, error)
  const stack = readStack(encoding, error, record)

  const { maxMessageChars, maxStackChars } = encoding.limits
  // A message is worth more than all the rest: some of it always goes.
  const roomForMessage = Math.max(encoding.charsLeft, minMessageChars)
  const shortMessage = message && cutEnd(message, Math.min(maxMessageChars, roomForMessage))
  takeChars(encoding, shortMessage)
  const roomForStack = Math.min(maxStackChars, encoding.charsLeft)
  // The stack begins with the message, which is to be cut there too.
  const header =
    message && shortMessage !== message ? stack.replace(message, () => shortMessage ?? '') : stack
  const shortStack = roomForStack === 0 ? '' : cutMiddle(header, roomForStack)
  takeChars(encoding, shortStack)
  return {
    name: typeof name === 'string' ? cutEnd(name, maxNameChars) : undefined,
    message: shortMessage,
    stack: shortStack,
    printsCode: textNamesCode(error),
  }
}

const maxNameChars = 1000
const minMessageChars = 1000

function takeChars(encoding: Encoding, text: string | undefined): void {
  encoding.charsLeft = Math.max(0, encoding.charsLeft - (text?.length ?? 0))
}

function read(encoding: Encoding, error: object, key: string): unknown {
  let value: unknown
  writeOrDrop(encoding, key, () => {
    value = Reflect.get(error, key)
  })
  return value
}

function readMessage(encoding: Encoding, error: object): string | undefined {
  const message = read(encoding, error, 'message')
  if (typeof message === 'string')
    return message !== '' || isOwn(error, 'message') ? message : undefined
  return message === undefined ? undefined : describeValue(message)
}

function readStack(encoding: Encoding, error: object, record: RemoteRecord | undefined): string {
  const stack = read(encoding, error, 'stack')
  const text = typeof stack === 'string' ? stack : ''
  // The stack may have been replaced here; what came with the error is not lost by that.
  if (record === undefined || text.includes(record.traceback)) return text
  return text === '' ? record.traceback : `${record.traceback}\n${text}`
}

/** Errors of Node.js itself have a `toString` of their own for that. */
function textNamesCode(error: object): boolean {
  try {
    const code: unknown = Reflect.get(error, 'code')
    if (typeof code !== 'string') return false
    const toString: unknown = Reflect.get(error, 'toString')
    if (typeof toString !== 'function' || toString === plainToString) return false
    const header = `${Reflect.get(error, 'name')} [${code}]: ${Reflect.get(error, 'message')}`
    return Reflect.apply(toString, error, []) === header
  } catch {
    return false
  }
}

const plainToString: unknown = Reflect.get(Error.prototype, 'toString')

function isOwn(error: object, key: string): boolean {
  try {
    return Object.hasOwn(error, key)
  } catch {
    return false
  }
}
