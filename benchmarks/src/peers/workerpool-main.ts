import workerpool from 'workerpool'
import { tasks } from '../tasks.ts'

workerpool.worker(tasks)
