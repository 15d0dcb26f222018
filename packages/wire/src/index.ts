export { type Codec, createCodec } from './codec.ts'
export {
  DecodeError,
  EncodeError,
  ExtensionTakenError,
  FrameTooLargeError,
  isDecodeError,
  isEncodeError,
  isExtensionTakenError,
  isFrameTooLargeError,
  isProtocolError,
  ProtocolError,
} from './errors.ts'
export { type Extension, registerExtension } from './extensions.ts'
export { encodeFrame, frameHeaderBytes, type FrameOptions, writeFrameHeader } from './frame.ts'
export { FrameDecoder } from './frame-decoder.ts'
export type { CodecOptions, Peer } from './limits.ts'
