import { isRemoteExceptionWrapper, RemoteException } from '@mpservice/remote-exception'
import { expect, test } from 'vitest'

test('holds any exception and is no error itself', () => {
  const error = new TypeError('x')
  expect(new RemoteException(error).error).toBe(error)
  expect(new RemoteException(undefined).error).toBe(undefined)
  expect(new RemoteException(error)).not.toBeInstanceOf(Error)
})

test('says what it holds in one line', () => {
  expect(String(new RemoteException(new TypeError('x')))).toBe('RemoteException(TypeError: x)')
  expect(String(new RemoteException({ a: 'b' }))).toBe("RemoteException({ a: 'b' })")
  const hostile = new RemoteException(new Proxy(new Error('x'), { get: () => Symbol('no text') }))
  expect(String(hostile)).toBe('RemoteException(?)')
})

test('is known by its brand, also in another copy of the package', async () => {
  const copy = await import(`${import.meta.resolve('@mpservice/remote-exception')}?copy`)
  expect(copy.RemoteException).not.toBe(RemoteException)
  expect(isRemoteExceptionWrapper(new copy.RemoteException(1))).toBe(true)
  expect(isRemoteExceptionWrapper(new RemoteException(1))).toBe(true)
})

test('nothing else is one', () => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  const others = [undefined, null, 5, 'x', {}, { error: 1 }, new Error('x'), () => 1, proxy]
  for (const other of others) expect(isRemoteExceptionWrapper(other)).toBe(false)
})
