import { isTaskName, tasks } from '../tasks.ts'

const name = process.argv[2]
if (!isTaskName(name)) throw new TypeError(`${name} is no task`)
const task: (input: unknown) => unknown = tasks[name]
process.on('message', (input) => process.send?.(task(input)))
