import {
  decodeException,
  encodeException,
  ExceptionNameTakenError,
  isExceptionNameTakenError,
  isRemoteException,
  registerException,
  RemoteTraceback,
} from '@mpservice/remote-exception'
import { describe, expect, test } from 'vitest'
import { sendAsJson, sendError } from './carriers.ts'

function makeClass() {
  return class SameName extends Error {}
}

function refusalOf(act: () => void): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}

test('instances of a registered class arrive as instances of it, made without its constructor', () => {
  let constructed = 0
  class PaymentError extends RangeError {
    static {
      this.prototype.name = 'PaymentError'
    }
    readonly amount: number
    constructor(amount: number, options?: ErrorOptions) {
      super(`cannot pay ${amount}`, options)
      constructed++
      this.amount = amount
    }
    get isLarge(): boolean {
      return this.amount > 100
    }
  }
  registerException(PaymentError)
  const arrived = sendAsJson(new PaymentError(500, { cause: 'no money' }))
  if (!(arrived instanceof PaymentError)) throw new Error('another class')
  expect(constructed).toBe(1)
  expect(arrived).toMatchObject({ amount: 500, isLarge: true, cause: 'no money' })
  expect(Object.getOwnPropertyNames(arrived).toSorted()).toEqual([
    'amount',
    'cause',
    'message',
    'stack',
  ])
  expect(arrived.name).toBe('PaymentError')
})

test('a subclass that is not registered arrives as its nearest registered ancestor', () => {
  class BaseError extends TypeError {}
  class MiddleError extends BaseError {}
  class LeafError extends MiddleError {
    override readonly name = 'LeafError'
  }
  registerException(BaseError)
  const arrived = sendError(new LeafError('x'))
  expect(Object.getPrototypeOf(arrived)).toBe(BaseError.prototype)
  expect(arrived.name).toBe('LeafError')
})

test('two classes of one name live under different registered names', () => {
  const [First, Second] = [makeClass(), makeClass()]
  registerException(First, { name: 'first/SameName' })
  registerException(Second, { name: 'second/SameName' })
  expect(encodeException(new Second('x')).errors[0]?.classes).toEqual(['second/SameName', 'Error'])
  expect(sendAsJson(new First('x'))).toBeInstanceOf(First)
  expect(sendAsJson(new Second('x'))).toBeInstanceOf(Second)
})

test('a class registered again keeps its old name for what arrives', () => {
  class RenamedError extends Error {}
  registerException(RenamedError)
  const old = encodeException(new RenamedError('x'))
  registerException(RenamedError, { name: 'NewName' })
  registerException(RenamedError, { name: 'NewName' })
  expect(encodeException(new RenamedError('x')).errors[0]?.classes).toEqual(['NewName', 'Error'])
  expect(decodeException(old)).toBeInstanceOf(RenamedError)
})

describe('a name that is taken', () => {
  const TakenError = makeClass()
  const Other = makeClass()
  registerException(TakenError, { name: 'TakenError' })

  test('is refused with an error that says what to do', () => {
    const refusal = refusalOf(() => registerException(Other, { name: 'TakenError' }))
    expect(refusal).toBeInstanceOf(ExceptionNameTakenError)
    expect(isExceptionNameTakenError(refusal)).toBe(true)
    expect(refusal).toMatchObject({
      name: 'ExceptionNameTakenError',
      code: 'EXCEPTION_NAME_TAKEN',
      exceptionName: 'TakenError',
      message:
        'another class is registered as exception "TakenError" already; give this one a name of its own: registerException(Class, { name: \'…\' })',
    })
    expect(sendAsJson(new TakenError('x'))).toBeInstanceOf(TakenError)
  })

  test.each(['TypeError', 'DOMException', 'AssertionError', 'RemoteTraceback'])(
    'may be one of a built-in class, which nobody can replace: %s',
    (name) => {
      const refusal = refusalOf(() => registerException(Other, { name, ifTaken: 'replace' }))
      expect(isExceptionNameTakenError(refusal)).toBe(true)
    },
  )

  test('is left to its class, or given to the new one, where that is wanted', () => {
    registerException(Other, { name: 'TakenError', ifTaken: 'keep' })
    expect(sendAsJson(new Other('x'))).toBeInstanceOf(TakenError)
    registerException(Other, { name: 'TakenError', ifTaken: 'replace' })
    expect(sendAsJson(new TakenError('x'))).toBeInstanceOf(Other)
  })

  test('is not taken by the class itself', () => {
    registerException(TypeError)
    expect(sendAsJson(new TypeError('x'))).toBeInstanceOf(TypeError)
  })
})

test('what is no class of errors, or has no name, is refused', () => {
  const anonymous = (() => class extends Error {})()
  expect(() => registerException(anonymous)).toThrow(
    new TypeError(
      "a class without a name is not found again elsewhere: registerException(Class, { name: '…' })",
    ),
  )
  for (const other of [class extends Map {}, () => 1, Error.prototype, undefined]) {
    expect(() => Reflect.apply(registerException, undefined, [other])).toThrow(
      new TypeError('registerException needs a class that extends Error'),
    )
  }
})

test('registration is shared by all copies of the package', async () => {
  class SharedError extends Error {}
  registerException(SharedError)
  const copy = await import(`${import.meta.resolve('@mpservice/remote-exception')}?copy`)
  expect(copy.registerException).not.toBe(registerException)
  const arrived = copy.decodeException(encodeException(new SharedError('x')))
  expect(arrived).toBeInstanceOf(SharedError)
  expect(isRemoteException(arrived)).toBe(true)
  // Its traceback is of the other copy's class; it is none of the error's own all the same.
  expect(arrived.cause).not.toBeInstanceOf(RemoteTraceback)
  expect(encodeException(arrived).errors[0]).not.toHaveProperty('cause')
  expect(copy.isRemoteTraceback(sendError(new SharedError('x')).cause)).toBe(true)
  expect(copy.isExceptionNameTakenError(new ExceptionNameTakenError('x'))).toBe(true)
})

test('a class of DOMExceptions arrives as one', () => {
  class NetworkException extends DOMException {}
  registerException(NetworkException)
  const arrived = sendAsJson(new NetworkException('down', 'NetworkError'))
  if (!(arrived instanceof NetworkException)) throw new Error('another class')
  expect(arrived).toMatchObject({ name: 'NetworkError', message: 'down', code: 19 })
})
