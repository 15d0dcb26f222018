/** Marks the classes of `makeWorker`, which no other process can find. */
export const closureMark: unique symbol = Symbol.for('mpservice.closureWorker')

/** @throws {TypeError} When a target is not a class of workers. */
export function checkWorkerClass(target: unknown, where: string): void {
  const prototype: unknown = typeof target === 'function' ? target.prototype : undefined
  const call: unknown = Reflect.get(Object(prototype), 'call')
  if (typeof call === 'function') return
  throw new TypeError(
    `${where} takes a class derived from Worker with a method "call"; a function becomes one by makeWorker, for an AsyncServlet`,
  )
}

/** @throws {TypeError} When a class was made by `makeWorker`. */
export function refuseClosure(target: object, where: string): void {
  if (Reflect.get(target, closureMark) !== true) return
  throw new TypeError(
    `${where} takes an exported class derived from Worker; what makeWorker makes exists in this thread only and runs in an AsyncServlet`,
  )
}
