import { importExport } from '@mpservice/contract'
import { describeOrigin } from '@mpservice/remote-exception'
import type { ChildContext } from './child-main.ts'
import { whileImporting } from './importing-guard.ts'
import { decodeLocation, encodeOutcome, targetCodec, type TargetOutcome } from './target-message.ts'

/**
 * The program of a `Process`: imports a function, runs it once, tells how it ended, and ends the
 * process, with exit code 0 when the function returned and 1 when it threw.
 */
export async function run({ name, channel }: ChildContext): Promise<void> {
  const codec = targetCodec()
  const location = decodeLocation(channel.receiveSync())
  const args = channel.receiveSync()
  const outcome = await runTarget(async () => {
    const target = await whileImporting(location.url, () => importExport(location))
    return Reflect.apply(target, undefined, asArguments(codec.decode(args)))
  })
  channel.send(...encodeOutcome(codec, outcome, describeOrigin(name)))
  process.exit(outcome.kind === 'returned' ? 0 : 1)
}

async function runTarget(work: () => Promise<unknown>): Promise<TargetOutcome> {
  try {
    return { kind: 'returned', value: await work() }
  } catch (error) {
    return { kind: 'threw', error }
  }
}

function asArguments(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new TypeError('the arguments are not an array')
  return value
}
