import { MpserviceError, NotImportableError, TimeoutError } from '@mpservice/contract'
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
  for (const Class of classes) {
    registerException<Error>(Class, { name: `mpservice.${Class.prototype.name}`, ifTaken: 'keep' })
  }
}

/** The base class makes the guards work for errors whose own class is not loaded here. */
const classes: readonly ErrorClass[] = [
  MpserviceError,
  TimeoutError,
  NotImportableError,
  EncodeError,
  DecodeError,
  FrameTooLargeError,
  ProtocolError,
  ExtensionTakenError,
]
