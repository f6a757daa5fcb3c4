import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap } from './heap.ts'

test('gives back what was put in, least first', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(50))), (script) => {
      const heap = new Heap<number>((a, b) => a < b)
      const model: number[] = []
      // A number is put in, null takes one out.
      for (const value of script) {
        if (value === null) expect(heap.pop()).toBe(model.shift())
        else {
          heap.push(value)
          model.push(value)
          model.sort((a, b) => a - b)
        }
        expect(heap.peek()).toBe(model[0])
        expect(heap.size).toBe(model.length)
      }
    }),
  )
})
