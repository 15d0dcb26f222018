import { writeFileSync } from 'node:fs'
import { decodeBootMessage } from './boot-message.ts'
import { ChildChannel } from './child-channel.ts'
import { watchParent } from './parent-watch.ts'

/** What a program that runs in a child process exports as `run`. */
export interface ChildProgram {
  run(context: ChildContext): void | Promise<void>
}

/** What a child process knows when its program begins. */
export interface ChildContext {
  /** The name of the process. */
  readonly name: string
  /** The way to the parent. */
  readonly channel: ChildChannel
}

const channel = new ChildChannel()
const boot = decodeBootMessage(channel.receiveSync())

// The kernel's death signal is set too late when the parent dies during the launch: then the child
// has another parent by now.
if (process.ppid !== boot.parentPid) process.kill(process.pid, 'SIGKILL')
if (boot.watchParent) watchParent(boot.parentPid)
preferAsVictim()
writeOutputAtOnce()

// Not awaited: with a pending top-level await, Node ends an idle process with a code of its own.
void startProgram()

async function startProgram(): Promise<void> {
  const program: unknown = await import(boot.program)
  if (!isChildProgram(program)) throw new TypeError(`${boot.program} exports no function "run"`)
  await program.run({ name: boot.name, channel })
}

/** When memory runs out, the kernel should take a child before the process that supervises it. */
function preferAsVictim(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '500')
  } catch {
    // Only Linux has it, and a parent that runs with a higher value passes that on.
  }
}

/** What is written to stdout or stderr right before the end must reach the parent. */
function writeOutputAtOnce(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const handle: unknown = Reflect.get(stream, '_handle')
    if (typeof handle === 'object' && handle !== null && 'setBlocking' in handle) {
      if (typeof handle.setBlocking === 'function') handle.setBlocking(true)
    }
  }
}

function isChildProgram(value: unknown): value is ChildProgram {
  return (
    typeof value === 'object' && value !== null && 'run' in value && typeof value.run === 'function'
  )
}
