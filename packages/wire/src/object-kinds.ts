import { findExtension, type RegisteredExtension, registeredCount } from './extensions.ts'
import type { ObjectSink, ObjectWriter } from './object-sink.ts'
import { platformClassName } from './platform-classes.ts'
import { addStep, Refusal, showThrown } from './refusal.ts'
import { findBuiltInWriter } from './write-built-in.ts'

/**
 * Knows how objects that are neither plain nor arrays are written: by their prototype, so that the
 * question is asked once for each class.
 */
export class ObjectKinds {
  #writers = new WeakMap<object, ObjectWriter>()
  #registeredCount = 0

  /** Gives what writes an object with this prototype; throws a `Refusal` for a kind not carried. */
  writerOf(object: object, prototype: object): ObjectWriter {
    if (this.#registeredCount !== registeredCount()) {
      this.#registeredCount = registeredCount()
      this.#writers = new WeakMap()
    }
    const known = this.#writers.get(prototype)
    if (known !== undefined) return known
    const writer = findExtensionWriter(object) ?? findBuiltInWriter(object) ?? plainWriter(object)
    this.#writers.set(prototype, writer)
    return writer
  }
}

/** Gives what writes an instance of a class that was given to `registerExtension`. */
export function findExtensionWriter(instance: object): ObjectWriter | undefined {
  const extension = findExtension(instance)
  if (extension === undefined) return undefined
  const { type, className, remote } = extension
  return (sink, object) => {
    if (sink.limits.peer === 'remote' && !remote) {
      throw new Refusal(className, `is of class ${className}, which a remote peer does not accept`)
    }
    sink.writeSealedHolder(type, object, () => {
      const data = encodeByExtension(extension, object)
      try {
        sink.writeValue(data)
      } catch (error) {
        throw addStep(error, object, '.encode()')
      }
    })
  }
}

function encodeByExtension({ type, encode }: RegisteredExtension, object: object): unknown {
  try {
    return encode(object)
  } catch (error) {
    const clause = `cannot be encoded by extension ${type}: it threw ${showThrown(error)}`
    throw new Refusal('unreadable', clause, { cause: error })
  }
}

/** An instance of a class arrives as a plain object, as structured clone has it. */
function plainWriter(object: object): ObjectWriter {
  const name = platformClassName(object)
  if (name !== undefined) throw new Refusal(name, `is of class ${name}, which cannot be carried`)
  return writePlain
}

function writePlain(sink: ObjectSink, object: object): void {
  sink.writeProperties(object)
}
