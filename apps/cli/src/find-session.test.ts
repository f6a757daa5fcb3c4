import { expect, it } from 'vitest'
import { findSession } from './find-session.ts'

function fabricOf(...names: string[]) {
  const list = async () => names.map((session) => ({ session, length: 1, createdAt: 0 }))
  return { home: '/home/.infrafabric', list }
}

it('takes a whole name, a unique beginning and a URI', async () => {
  const fabric = fabricOf('boat-ab12', 'boat-ab12-more-cd34', 'house-ef56')
  expect(await findSession(fabric, 'boat-ab12')).toBe('boat-ab12')
  expect(await findSession(fabric, 'h')).toBe('house-ef56')
  expect(await findSession(fabric, 'if://session/boat-ab12-m')).toBe('boat-ab12-more-cd34')
})

it('names what a beginning could mean, the first ten', async () => {
  await expect(findSession(fabricOf('boat-ab12', 'boat-cd34'), 'boat')).rejects.toThrow(
    '"boat" begins 2 sessions: boat-ab12, boat-cd34; type more of the name',
  )
  const many = Array.from({ length: 12 }, (_, at) => `boat-${at}`)
  await expect(findSession(fabricOf(...many), 'boat')).rejects.toThrow('and 2 more; type more')
})

it('says what was probably meant, also of a beginning with a slip in it', async () => {
  const fabric = fabricOf('house-ef56')
  await expect(findSession(fabric, 'hosue-ef56')).rejects.toThrow('did you mean "house-ef56"?')
  await expect(findSession(fabric, 'huose')).rejects.toThrow('did you mean "house"?')
  await expect(findSession(fabric, 'garden')).rejects.toThrow(
    'there is no session "garden" in /home/.infrafabric; see infrafabric list',
  )
})
