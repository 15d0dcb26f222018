export {
  type Importable,
  isMainModule,
  isNotImportableError,
  isTimeoutError,
  moduleRef,
  NotImportableError,
  TimeoutError,
} from '@mpservice/contract'
export { registerException, RemoteException } from '@mpservice/remote-exception'
export { EncodeError, isEncodeError } from '@mpservice/wire'
export { Child, type ChildEvents, type ChildExit } from './child.ts'
export { type ChildChannel, maxChildFrameBytes } from './child-channel.ts'
export type { ChildContext, ChildProgram } from './child-main.ts'
export { checkOptions } from './check-options.ts'
export { checkCpus, cpuCount } from './cpu-affinity.ts'
export {
  isProcessExitError,
  isStartedWhileImportingError,
  ProcessExitError,
  type ProcessExitFacts,
  StartedWhileImportingError,
} from './errors.ts'
export { assertNotImporting, whileImporting } from './importing-guard.ts'
export { firstInheritedDescriptor, launchChild, type LaunchOptions } from './launch-child.ts'
export { Process, type ProcessOptions, type StartOptions, type TargetFunction } from './process.ts'
export type { TakeLine } from './relay-lines.ts'
export { settleWithin, type WaitOptions } from './settle-within.ts'
export { checkTimeoutMs, type StartedTimer, startTimer } from './start-timer.ts'
