import { yieldProcessor } from '@mpservice/shared-memory'
import { checkLeaksAfterEach, startHost } from '@mpservice/test-support'
import { expect, test } from 'vitest'

checkLeaksAfterEach()

const takesTurns = new URL('./fixtures/takes-turns.js', import.meta.url)

test.runIf(process.platform === 'linux')('it gives whether it can be done', async () => {
  expect(yieldProcessor()).toBe(true)
  await using host = await startHost(takesTurns, {
    args: ['10', 'polite'],
    env: { MPSERVICE_NO_NATIVE: '1' },
  })
  expect(JSON.parse(await host.nextLine())).toMatchObject({ canYield: false })
})

test.runIf(process.platform === 'linux')(
  'two threads that poll on one processor take turns quicker than the system makes them',
  async () => {
    const rude = await timeOf('rude')
    const polite = await timeOf('polite')
    expect(polite).toBeLessThan(rude / 3)
  },
)

async function timeOf(manners: 'rude' | 'polite'): Promise<number> {
  await using host = await startHost(takesTurns, { args: ['100', manners] })
  const { tookMs }: { tookMs: number } = JSON.parse(await host.nextLine())
  return tookMs
}
