import { runAsWorker } from 'synckit'
import { echo } from '../tasks.ts'

runAsWorker(async (input: unknown) => echo(input))
