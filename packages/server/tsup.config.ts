import { defineConfig } from 'tsup'

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'worker-main': 'src/worker/worker-main.ts',
    'chunk-worker': 'src/pool/chunk-worker.ts',
    'sync-main': 'src/sync/sync-main.ts',
    'thread-main': 'src/worker/thread-main.ts',
  },
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  clean: true,
})
