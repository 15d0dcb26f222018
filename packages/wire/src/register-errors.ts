import { NotImportableError, TimeoutError } from '@mpservice/contract'
import { type ErrorClass, registerException } from '@mpservice/remote-exception'
import {
  DecodeError,
  EncodeError,
  ExtensionTakenError,
  FrameTooLargeError,
  ProtocolError,
} from './errors.ts'

/**
 * Lets the errors that every program with a codec may meet arrive as instances of their classes.
 * Where a second copy of a package registered its own before, those stay.
 */
export function registerErrors(): void {
  for (const Class of classes) registerException(Class, { ifTaken: 'keep' })
}

const classes: readonly ErrorClass[] = [
  TimeoutError,
  NotImportableError,
  EncodeError,
  DecodeError,
  FrameTooLargeError,
  ProtocolError,
  ExtensionTakenError,
]
