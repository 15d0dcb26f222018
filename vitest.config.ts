import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { defineConfig, type ViteUserConfigExport } from 'vitest/config'

/** Every folder with tests is a project of its own, named as its package. */
const folders = [
  ...['packages', 'apps'].flatMap((parent) =>
    readdirSync(parent).map((folder) => `${parent}/${folder}`),
  ),
  'benchmarks',
  'install-test',
  'test-support',
]

function hasTypeTests(root: string): boolean {
  const folder = `${root}/test`
  return existsSync(folder) && readdirSync(folder).some((file) => file.endsWith('.test-d.ts'))
}

const config: ViteUserConfigExport = defineConfig({
  test: {
    projects: folders.map((root) => ({
      root,
      test: {
        name: JSON.parse(readFileSync(`${root}/package.json`, 'utf8')).name,
        pool: 'forks',
        // Longer than any wait inside a test, which says more about what it waited for.
        testTimeout: 30_000,
        hookTimeout: 30_000,
        // The built packages run as they ship, not transformed.
        server: { deps: { external: [/\/dist\//] } },
        typecheck: {
          enabled: hasTypeTests(root),
          include: ['test/**/*.test-d.ts'],
          tsconfig: 'tsconfig.json',
        },
      },
    })),
    reporters: process.env['VITEST_JSON']
      ? ['default', ['json', { outputFile: process.env['VITEST_JSON'] }]]
      : ['default'],
    coverage: { provider: 'v8', include: ['packages/*/src/**'] },
  },
})

export default config
