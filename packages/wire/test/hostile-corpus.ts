/** Bytes made to hurt whoever decodes them, each with what it is. */
export function hostileCorpus(): readonly (readonly [name: string, bytes: Buffer])[] {
  return [
    ...bombs(),
    ...lies(),
    ['no bytes', Buffer.alloc(0)],
    ['bytes after the value', Buffer.of(1, 2)],
    ['the byte that begins no value', Buffer.of(0xc1)],
    ['a record definition', Buffer.of(0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 0x01)],
    [
      'a record definition with two bytes',
      Buffer.of(0xd5, 0x72, 0x60, 0x01, 0x91, 0xa1, 0x61, 0x01),
    ],
    ['bundled strings', Buffer.of(0xd6, 0x62, 0, 0, 0, 8, 0xc1, 1, 0xa0, 0xa1, 0x61)],
    ['an identified object', Buffer.of(0xd6, 0x69, 0, 0, 0, 1, 0x90)],
    ['a pointer', Buffer.of(0x91, 0xd4, 0x70, 0)],
    ['a value with pointers', holder(0x67, Buffer.of(0x91, 0xd4, 0x70, 0))],
    ['a RegExp', holder(0x78, Buffer.concat([Buffer.of(0x92), text('(a+)+$'), text('')]))],
    ['an unregistered extension', Buffer.of(0xd4, 50, 0)],
    ['a negative extension', Buffer.of(0xd4, 0x80, 0)],
    ['a hole outside of an array', Buffer.of(0xd4, 0, 1)],
    ['a timestamp of 5 bytes', Buffer.of(0xc7, 5, 0xff, 0, 0, 0, 0, 0)],
    ['a BigInt of no bytes', Buffer.of(0xc7, 0, 0x42)],
    ['UTF-16 of 3 bytes', Buffer.of(0xc7, 3, 0x75, 0, 0, 0)],
    ['a typed array of half an item', Buffer.of(0xc7, 4, 0x74, 8, 0, 0, 0)],
    ['a typed array of no type', Buffer.of(0xd5, 0x74, 0x0f, 0)],
    ['a typed array without a type', Buffer.of(0xc7, 0, 0x74)],
    ['a Map with a key too many', holder(0x6d, Buffer.of(0x93, 1, 2, 3))],
    ['a Map that is no array', holder(0x6d, Buffer.of(0x80))],
    ['a Set that is no array', holder(0x73, Buffer.of(1))],
    ['a boxed object', holder(0x6f, Buffer.of(0x80))],
    ['an extension that ends too late', Buffer.of(0x92, 0xc7, 2, 0x73, 0x90, 1)],
    ['an extension that ends too early', Buffer.of(0xc7, 1, 0x73, 0x91, 1)],
    ['an extension without a value', Buffer.of(0xc7, 0, 0x73)],
  ]
}

function bombs(): readonly (readonly [string, Buffer])[] {
  const million = 1_000_000
  return [
    ['a depth bomb of arrays', Buffer.alloc(million, 0x91)],
    ['a depth bomb of objects', Buffer.from('81a161'.repeat(million / 2), 'hex')],
    ['a depth bomb of sets', Buffer.from('c9ffffffff7391'.repeat(65), 'hex')],
    ['a depth bomb at the limit', Buffer.concat([Buffer.alloc(65, 0x91), Buffer.of(1)])],
    ['16 MiB of empty objects', array32(16 * 1024 ** 2 - 5, 0x80)],
    [
      '16 MiB of empty objects in small arrays',
      Buffer.alloc(16 * 1024 ** 2, Buffer.from('dc00ff' + '80'.repeat(255), 'hex')),
    ],
    ['a reference bomb', referenceBomb()],
    ['a BigInt of 64 MB cut to a frame', bigInt(16 * 1024 ** 2 - 6)],
    ['a BigInt of 1 025 bytes', bigInt(1025)],
  ]
}

function lies(): readonly (readonly [string, Buffer])[] {
  const lengths = ['c6', 'c9', 'db', 'dd', 'df'].map((token) => `${token}ffffffff`)
  const short = ['c4ff', 'c5ffff', 'c7ff73', 'c8ffff73', 'd9ff', 'daffff', 'dcffff', 'deffff']
  const almost = ['dd0000000201', 'df00000001a161', 'c60000000201', 'db0000000261']
  return [...lengths, ...short, ...almost].map((hex) => [
    `a length that is a lie (${hex})`,
    Buffer.from(hex, 'hex'),
  ])
}

/** An array of an array and its pointer, and so on: what doubles with each level where it is copied. */
function referenceBomb(): Buffer {
  let bytes: Buffer = Buffer.of(0x90)
  for (let id = 1; id < 40; id++) {
    bytes = Buffer.concat([
      Buffer.of(0x92, 0xd6, 0x69, 0, 0, 0, id),
      bytes,
      Buffer.of(0xd6, 0x70, 0, 0, 0, id),
    ])
  }
  return bytes
}

function bigInt(length: number): Buffer {
  const header = Buffer.of(0xc9, 0, 0, 0, 0, 0x42)
  header.writeUInt32BE(length, 1)
  return Buffer.concat([header, Buffer.alloc(length, 0x7f)])
}

function array32(length: number, item: number): Buffer {
  const bytes = Buffer.alloc(length + 5, item)
  bytes[0] = 0xdd
  bytes.writeUInt32BE(length, 1)
  return bytes
}

function holder(type: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.of(0xc7, payload.length, type), payload])
}

function text(content: string): Buffer {
  return Buffer.concat([Buffer.of(0xa0 | content.length), Buffer.from(content)])
}
