import { ExceptionNameTakenError } from './errors.ts'
import { builtInClass, isErrorClass } from './exception-classes.ts'
import { type ErrorClass, sharedState } from './shared-state.ts'

/** How the instances of a registered class are sent and revived; every field is optional. */
export interface RegisterExceptionOptions<Instance extends Error = Error> {
  /**
   * The name that stands for the class in the data; both sides must use the same one.
   *
   * @default the class's own name
   */
  readonly name?: string | undefined
  /**
   * Gives state that is not in own enumerable fields, such as what `#private` fields hold. What it
   * returns is carried as an own field is. When it throws, the error is sent without.
   */
  readonly encode?: ((error: Instance) => unknown) | undefined
  /**
   * Makes a new instance from what `encode` gave; stack, cause and fields are put on it afterwards.
   * The state may come from anyone who can send data, so check it. When it throws, or gives no
   * fresh error, the instance is made without any constructor, as for a class that has no hooks.
   */
  readonly decode?: ((state: unknown, message: string) => Instance) | undefined
  /**
   * What happens when another class has this name: `throw` an error, `keep` the other class for what
   * arrives and send instances of this one under the name too, or `replace` it. Packages that may be
   * loaded in two copies want `keep`. The name of a built-in class is never given away.
   *
   * @default 'throw'
   */
  readonly ifTaken?: 'throw' | 'keep' | 'replace' | undefined
}

/**
 * Lets the instances of an error class arrive as instances of that class: do it in the program that
 * receives them, at start; and in the sending one too where a name or hooks are given.
 *
 * Instances are made without running the constructor: they get message, stack, cause and own
 * enumerable fields as they were. A class with `#private` state needs the two hooks. Subclasses that
 * are not registered arrive as their nearest registered ancestor. Registering the same class again
 * replaces its options. All copies of this package in one process share what is registered.
 *
 * @throws {ExceptionNameTakenError} When another class has this name, unless `ifTaken` says what to do.
 * @throws {TypeError} When it is not a class that extends `Error`, or has no name.
 *
 * @example
 *   class QuotaError extends Error {
 *     limit = 0
 *   }
 *   registerException(QuotaError)
 */
export function registerException<Instance extends Error>(
  ErrorClass: ErrorClass<Instance>,
  options: RegisterExceptionOptions<Instance> = {},
): void {
  if (!isErrorClass(ErrorClass)) {
    throw new TypeError('registerException needs a class that extends Error')
  }
  const { name = ErrorClass.name, encode, decode, ifTaken = 'throw' } = options
  if (name === '') {
    throw new TypeError(
      "a class without a name is not found again elsewhere: registerException(Class, { name: '…' })",
    )
  }
  const { registrationsByName, registrationsByClass } = sharedState()
  const taken = builtInClass(name) ?? registrationsByName.get(name)?.ErrorClass ?? ErrorClass
  const mayStay = taken === ErrorClass || (ifTaken !== 'throw' && builtInClass(name) === undefined)
  if (!mayStay) throw new ExceptionNameTakenError(name)
  const registration = {
    name,
    ErrorClass,
    encode:
      encode && ((error: object) => (error instanceof ErrorClass ? encode(error) : undefined)),
    decode,
  }
  registrationsByClass.set(ErrorClass, registration)
  if (taken === ErrorClass || ifTaken === 'replace') registrationsByName.set(name, registration)
}
