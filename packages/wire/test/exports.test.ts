import * as api from '@mpservice/wire'
import { expect, test } from 'vitest'

test('exports exactly these names', () => {
  expect(Object.keys(api).toSorted()).toMatchInlineSnapshot(`
    [
      "DecodeError",
      "EncodeError",
      "ExtensionTakenError",
      "FrameDecoder",
      "FrameTooLargeError",
      "ProtocolError",
      "createCodec",
      "encodeFrame",
      "frameHeaderBytes",
      "isDecodeError",
      "isEncodeError",
      "isExtensionTakenError",
      "isFrameTooLargeError",
      "isProtocolError",
      "registerExtension",
      "writeFrameHeader",
    ]
  `)
})
