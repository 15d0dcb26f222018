import { types } from 'node:util'
import { decodeValue } from './decode-value.ts'
import { asText, asTexts, countParts, type Decoding, own } from './decoding.ts'
import { addMembers } from './error-members.ts'
import { defineHidden, plainValue, setStack, withoutFrames } from './error-properties.ts'
import { NotCarriedError } from './errors.ts'
import { knownClass } from './exception-classes.ts'
import { type ErrorClass, type HookState, sharedState } from './shared-state.ts'

/** Makes an error from its data, and what it holds. */
export function reviveError(decoding: Decoding, data: object, place: number, depth: number): Error {
  countParts(decoding, partsPerError)
  if (decoding.unmadeErrors.has(place)) {
    return new NotCarriedError('an error inside its own state was not carried')
  }
  decoding.unmadeErrors.add(place)
  const facts = readFacts(decoding, data, depth)
  const error = withHook(facts) ?? withoutConstructor(facts)
  decoding.madeErrors.set(place, error)
  decoding.unmadeErrors.delete(place)
  const { remoteRecords } = sharedState()
  const { traceback, classes, state } = facts
  remoteRecords.set(error, {
    traceback,
    classes,
    state,
    dropped: facts.dropped,
    addedCause: undefined,
  })
  setTexts(error, facts)
  const { height, refused } = addMembers(decoding, error, data, depth)
  facts.dropped.push(...refused)
  decoding.errorHeights.set(place, height)
  if (own(data, 'printsCode') === true) printCode(error)
  return error
}

/** An error costs memory even where its data is short. */
const partsPerError = 100

/** What an honest sender never exceeds; the rest is cut off. */
const maxNames = 100
const maxNameChars = 1_000
const maxDroppedPaths = 200

interface Facts {
  readonly classes: readonly string[]
  readonly name: string
  readonly message: string | undefined
  readonly traceback: string
  readonly state: HookState | undefined
  readonly dropped: string[]
}

function readFacts(decoding: Decoding, data: object, depth: number): Facts {
  const classes = asTexts(own(data, 'classes'), 'the classes of an error')
    .slice(0, maxNames)
    .map((text) => text.slice(0, maxNameChars))
  const name = asText(own(data, 'name') ?? classes[0] ?? 'Error', 'the name of an error').slice(
    0,
    maxNameChars,
  )
  const message = Object.hasOwn(data, 'message')
    ? asText(own(data, 'message'), 'the message of an error').slice(0, decoding.maxTextChars)
    : undefined
  const stack = asText(own(data, 'stack') ?? '', 'the stack of an error').slice(
    0,
    decoding.maxTextChars,
  )
  const traceback = `${stack || header(name, message)}\n${decoding.originLine}`
  const dropped = asTexts(own(data, 'dropped') ?? [], 'the dropped paths')
    .slice(0, maxDroppedPaths)
    .map((text) => text.slice(0, maxNameChars))
  return { classes, name, message, traceback, state: readState(decoding, data, depth), dropped }
}

function header(name: string, message: string | undefined): string {
  return message ? `${name}: ${message}` : name
}

function readState(decoding: Decoding, data: object, depth: number): HookState | undefined {
  const state = own(data, 'state')
  if (!Array.isArray(state)) return undefined
  const [className, value]: readonly unknown[] = state
  return {
    className: asText(className, 'the class of a state'),
    value: decodeValue(decoding, value, depth + 1),
  }
}

function withHook({ classes, message, state }: Facts): Error | undefined {
  const { registrationsByName, remoteRecords } = sharedState()
  const nearest = classes.find((name) => knownClass(name) !== undefined)
  // The state of a class that is unknown here says nothing to the hook of its ancestor.
  if (state === undefined || nearest !== state.className) return undefined
  try {
    const made = registrationsByName.get(nearest)?.decode?.(state.value, message ?? '')
    const isFresh = isRealError(made) && !remoteRecords.has(made)
    return isFresh ? made : undefined
  } catch {
    return undefined
  }
}

function isRealError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof DOMException
}

function withoutConstructor({ classes, name, message }: Facts): Error {
  const Class = classes.map(knownClass).find((known) => known !== undefined) ?? Error
  return withoutFrames(() => construct(Class, name, message))
}

function construct(Class: ErrorClass, name: string, message: string | undefined): Error {
  const isDomException = Class === DOMException || Class.prototype instanceof DOMException
  if (isDomException) return Reflect.construct(DOMException, [message ?? '', name], Class)
  return Reflect.construct(Error, message === undefined ? [] : [message], Class)
}

function setTexts(error: Error, { name, message, traceback }: Facts): void {
  if (textOf(error, 'name') !== name) defineHidden(error, 'name', name)
  if (message !== undefined && textOf(error, 'message') !== message) {
    defineHidden(error, 'message', message)
  }
  setStack(error, traceback)
}

function textOf(error: Error, key: 'name' | 'message'): unknown {
  // Only the platform's getters are called, never those of a user's class.
  return error instanceof DOMException
    ? Reflect.get(DOMException.prototype, key, error)
    : plainValue(error, key)
}

/** Errors of Node.js itself have a `toString` that names their code. */
function printCode(error: Error): void {
  const hasCode = typeof plainValue(error, 'code') === 'string'
  const hasPlainText = plainValue(error, 'toString') === Error.prototype.toString
  if (hasCode && hasPlainText) defineHidden(error, 'toString', textWithCode)
}

function textWithCode(this: Error & { readonly code?: unknown }): string {
  return `${this.name} [${String(this.code)}]: ${this.message}`
}
