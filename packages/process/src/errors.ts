import { hasErrorCode, MpserviceError } from '@mpservice/contract'
import { type ErrorClass, registerException } from '@mpservice/remote-exception'

/** A child process ended, or could not be started, before it gave an answer. */
export class ProcessExitError extends MpserviceError {
  static {
    this.prototype.name = 'ProcessExitError'
  }

  readonly code = 'PROCESS_EXIT'
  /** The name of the process. */
  readonly processName: string
  /** The process id; `undefined` when the process could not be started. */
  readonly pid: number | undefined
  /** The exit code; `null` when a signal ended the process or it could not be started. */
  readonly exitCode: number | null
  /** The signal that ended the process; `null` when it exited by itself. */
  readonly signalCode: NodeJS.Signals | null
  /** The last lines that the process wrote to its stderr, at most 64 KiB. */
  readonly stderrTail: string

  constructor(facts: ProcessExitFacts, options?: ErrorOptions) {
    super(exitMessage(facts, options?.cause), options)
    this.processName = facts.processName
    this.pid = facts.pid
    this.exitCode = facts.exitCode
    this.signalCode = facts.signalCode
    this.stderrTail = facts.stderrTail
  }
}

/** How a child process ended. */
export interface ProcessExitFacts {
  readonly processName: string
  readonly pid: number | undefined
  readonly exitCode: number | null
  readonly signalCode: NodeJS.Signals | null
  readonly stderrTail: string
}

/** Whether a value is a `ProcessExitError`, from whichever copy of the package. */
export function isProcessExitError(value: unknown): value is ProcessExitError {
  return hasErrorCode(value, 'PROCESS_EXIT')
}

/** A process was started by a module while that module was being imported in a child process. */
export class StartedWhileImportingError extends MpserviceError {
  static {
    this.prototype.name = 'StartedWhileImportingError'
  }

  readonly code = 'STARTED_WHILE_IMPORTING'
  /** The URL of the module that was being imported. */
  readonly module: string

  constructor(module: string, options?: ErrorOptions) {
    super(
      `a process is being started while ${module} is imported in a child process: the module would start itself again and again. Put what runs only once behind: if (isMainModule(import.meta.url)) …`,
      options,
    )
    this.module = module
  }
}

/** Whether a value is a `StartedWhileImportingError`, from whichever copy of the package. */
export function isStartedWhileImportingError(value: unknown): value is StartedWhileImportingError {
  return hasErrorCode(value, 'STARTED_WHILE_IMPORTING')
}

// A second copy of this package leaves the first one's classes in place.
for (const Class of [ProcessExitError, StartedWhileImportingError] satisfies ErrorClass[]) {
  registerException<Error>(Class, { name: `mpservice.${Class.prototype.name}`, ifTaken: 'keep' })
}

function exitMessage(facts: ProcessExitFacts, cause: unknown): string {
  const { processName, pid, exitCode, signalCode, stderrTail } = facts
  if (pid === undefined) {
    const why = cause instanceof Error ? `: ${cause.message}` : ''
    return `process '${processName}' could not be started${why}`
  }
  const how = signalCode === null ? `exited with code ${exitCode}` : `was ended by ${signalCode}`
  const tail = lastLines(stderrTail, 12)
  const said = tail === '' ? '' : `; the last lines of its stderr:\n${tail}`
  const idle = exitCode === 0 ? ' (by process.exit, or with nothing left to wait for)' : ''
  const why = cause instanceof Error ? ` (${cause.message})` : ''
  return `process '${processName}' (pid ${pid}) ${how}${idle}${why} before it gave an answer${said}`
}

function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
