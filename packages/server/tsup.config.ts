import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/worker-main.ts', 'src/thread-main.ts'],
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  clean: true,
})
