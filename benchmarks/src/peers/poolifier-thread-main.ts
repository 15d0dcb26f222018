import { ThreadWorker } from 'poolifier'
import { tasks } from '../tasks.ts'

// poolifier finds the worker by its constructor having been called.
export const worker = new ThreadWorker(tasks)
