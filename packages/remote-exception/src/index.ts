export { decodeException, type DecodeExceptionOptions } from './decode-exception.ts'
export { encodeException } from './encode-exception.ts'
export {
  ExceptionNameTakenError,
  isExceptionNameTakenError,
  isMalformedExceptionError,
  isNotCarriedError,
  MalformedExceptionError,
  NotCarriedError,
} from './errors.ts'
export type {
  EncodedField,
  EncodedText,
  EncodedValue,
  ErrorData,
  ExceptionData,
  ObjectData,
} from './exception-data.ts'
export type { EncodeExceptionOptions } from './limits.ts'
export { describeOrigin } from './origin.ts'
export { registerException, type RegisterExceptionOptions } from './register-exception.ts'
export { isRemoteExceptionWrapper, RemoteException } from './remote-exception.ts'
export { getRemoteTraceback, isRemoteException } from './remote-record.ts'
export { isRemoteTraceback, RemoteTraceback } from './remote-traceback.ts'
export type { ErrorClass } from './shared-state.ts'
