import { fstatSync, readdirSync, readlinkSync } from 'node:fs'

/** An open file descriptor of this process. */
export interface Descriptor {
  /** What it is open on: `pipe`, `socket`, `file`, `eventfd`, … */
  readonly kind: string
  /** Tells it apart from others of its kind. */
  readonly target: string
}

/** Lists the open file descriptors of this process. */
export function readDescriptors(): Descriptor[] {
  const isLinux = process.platform === 'linux'
  return readdirSync(isLinux ? '/proc/self/fd' : '/dev/fd').flatMap((name) => {
    try {
      return isLinux
        ? describeLink(readlinkSync(`/proc/self/fd/${name}`))
        : describeStat(Number(name))
    } catch {
      return [] // The one that listed the directory is closed by now.
    }
  })
}

// `socket:[8134]`, `anon_inode:[eventpoll]`, `/memfd:block (deleted)`, or the path of a file.
function describeLink(link: string): Descriptor {
  const [, kind, name] = /^(?:anon_inode:\[?)?([a-z]\w*)(?::\[(\d+)\])?\]?$/.exec(link) ?? []
  if (kind !== undefined) return { kind, target: name === undefined ? '' : link }
  return { kind: link.startsWith('/memfd:') ? 'memfd' : 'file', target: link }
}

function describeStat(fd: number): Descriptor {
  const stat = fstatSync(fd)
  const target = `${stat.dev}:${stat.ino}`
  if (stat.isFIFO()) return { kind: 'pipe', target }
  if (stat.isSocket()) return { kind: 'socket', target }
  return { kind: stat.isCharacterDevice() ? 'device' : 'file', target }
}
