import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/child-main.ts', 'src/target-main.ts', 'src/parent-watch-main.ts'],
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  clean: true,
})
