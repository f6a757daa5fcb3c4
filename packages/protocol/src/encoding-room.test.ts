import { expect, it } from 'vitest'
import { EncodingRoom } from './encoding-room.ts'
import { utf8 } from './utf8.ts'

const headOf = (bytes: number): string => `${bytes} `

it('encodes texts of every kind and length one after the other', () => {
  const room = new EncodingRoom()
  for (const letter of ['a', 'é', '€', '💶', '\0', '\u2028']) {
    for (const count of [0, 1, 2, 3, 33, 34, 333, 334, 1_365, 4_095, 9_999, 40_000, 5]) {
      const text = letter.repeat(count)
      const bytes = utf8(text)
      expect(room.encode(text, headOf)).toEqual(Uint8Array.from([...utf8(headOf(bytes.length)), ...bytes]))
    }
  }
})
