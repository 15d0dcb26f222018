import { EnsembleServlet, SequentialServlet, Server } from '@mpservice/server'
import { checkLeaksAfterEach } from '@mpservice/test-support'
import { beforeEach, describe, expect, test } from 'vitest'
import { AddName, Counted, Join } from './fixtures/counted.js'
import { kinds } from './fixtures/worker-kinds.js'

checkLeaksAfterEach()

beforeEach(() => {
  Counted.encodes = 0
  Counted.decodes = 0
})

const items = 100

for (const { name, isAvailable, servlet } of kinds) {
  describe.skipIf(!isAvailable)(`the main process of a server of ${name}`, () => {
    test.each([
      { what: 'small values', filler: '' },
      { what: 'large values', filler: 'x'.repeat(100_000) },
    ])(
      'encodes inputs and decodes results once, and $what in between never',
      async ({ filler }) => {
        await using server = await Server.start(
          new SequentialServlet(
            servlet(AddName, { name: 'first' }),
            servlet(AddName, { name: 'second' }),
            servlet(AddName, { name: 'third' }),
          ),
        )
        const results = await Promise.all(
          Array.from({ length: items }, (_, item) => server.call(new Counted(filler + item))),
        )
        expect(results[7]).toEqual(new Counted(`${filler}7 first-0 second-0 third-0`))
        expect(results[7]).toBeInstanceOf(Counted)
        const { encodes, decodes } = Counted
        expect({ encodes, decodes }).toEqual({ encodes: items, decodes: items })
      },
    )

    test('decodes no results of the members of an ensemble that go on to a next stage', async () => {
      await using server = await Server.start(
        new SequentialServlet(
          new EnsembleServlet([
            servlet(AddName, { name: 'one' }),
            servlet(AddName, { name: 'other' }),
          ]),
          servlet(Join),
        ),
      )
      const results = await Promise.all(
        Array.from({ length: items }, (_, item) => server.call(new Counted(String(item)))),
      )
      expect(results[7]).toEqual(new Counted('7 one-0, 7 other-0'))
      const { encodes, decodes } = Counted
      expect({ encodes, decodes }).toEqual({ encodes: items, decodes: items })
    })
  })
}
