export type { Callable, CallOptions, Servable, StreamInput, StreamOptions } from './callable.ts'
export {
  hasErrorCode,
  isMpserviceError,
  isNotImportableError,
  isTimeoutError,
  isUnsafePathError,
  MpserviceError,
  NotImportableError,
  TimeoutError,
  type TimeoutPhase,
  UnsafePathError,
} from './errors.ts'
export { importExport } from './import-export.ts'
export {
  type AnyClass,
  type AnyFunction,
  type ExportLocation,
  type Importable,
  type ImportedTarget,
  locateExport,
} from './importable.ts'
export { isMainModule } from './is-main-module.ts'
export { ModuleExport, ModuleRef, moduleRef } from './module-ref.ts'
