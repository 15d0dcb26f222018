import { parentPort, workerData } from 'node:worker_threads'
import { isTaskName, tasks } from '../tasks.ts'

const name: unknown = workerData
if (!isTaskName(name)) throw new TypeError(`${String(name)} is no task`)
const task: (input: unknown) => unknown = tasks[name]
const port = parentPort
port?.on('message', (input: unknown) => port.postMessage(task(input)))
