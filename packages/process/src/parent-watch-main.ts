import { Socket } from 'node:net'
import { workerData } from 'node:worker_threads'
import { lifeDescriptor } from './boot-message.ts'

const life = new Socket({ fd: lifeDescriptor, readable: true, writable: false })
life.on('error', end)
life.on('end', end)
life.resume()
// The parent may have died before this thread was reading.
if (process.ppid !== workerData) end()

function end(): void {
  process.kill(process.pid, 'SIGKILL')
}
