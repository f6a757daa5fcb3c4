import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startChild } from './child.ts'
import { lockSession, sessionOwner } from './session-lock.ts'
import { temporaryHome } from './temporary-home.ts'

const now = () => Date.UTC(2026, 10, 22, 9, 30)

it('refuses a session that a living process holds, naming it, and is free at once after kill -9', async () => {
  const sessions = join(temporaryHome(onTestFinished), 'sessions')
  for (let round = 0; round < 3; round += 1) {
    const holder = startChild('hold-session', sessions, 'handover-7f3k')
    await holder.says('locked')
    const refused = lockSession(sessions, 'handover-7f3k', now)
    await expect(refused).rejects.toMatchObject({ code: 'busy' })
    await expect(refused).rejects.toThrow(`process ${holder.process.pid} on ${hostname()} since 20`)
    await expect(refused).rejects.toThrow('`infrafabric status handover-7f3k --watch`')
    await holder.kill()
    const lock = await lockSession(sessions, 'handover-7f3k', now)
    lock.release()
  }
})

it('refuses a second owner in the same process, until the first lets go', async () => {
  const sessions = temporaryHome(onTestFinished)
  const lock = await lockSession(sessions, 's', now)
  await expect(lockSession(sessions, 's', now)).rejects.toThrow(
    `${process.pid} on ${hostname()} since 2026-11-22T09:30`,
  )
  lock.release()
  lock.release()
  const again = await lockSession(sessions, 's', now)
  again.release()
})

it('holds sessions apart', async () => {
  const sessions = temporaryHome(onTestFinished)
  const a = await lockSession(sessions, 'a', now)
  const b = await lockSession(sessions, 'b', now)
  a.release()
  b.release()
})

it('lets one of several callers in', async () => {
  const sessions = temporaryHome(onTestFinished)
  const attempts = await Promise.allSettled([1, 2, 3, 4].map(() => lockSession(sessions, 's', now)))
  const won = attempts.filter((attempt) => attempt.status === 'fulfilled')
  expect(won).toHaveLength(1)
  for (const attempt of won) attempt.value.release()
})

it('refuses a name that could leave the folder', async () => {
  const sessions = temporaryHome(onTestFinished)
  for (const name of ['', '..', '../x', 'a/b', '.hidden', 'a\0', 'x'.repeat(129)]) {
    await expect(lockSession(sessions, name, now)).rejects.toMatchObject({ code: 'invalid' })
  }
})

it('says who holds a session, without holding it itself', async () => {
  const sessions = temporaryHome(onTestFinished)
  expect(await sessionOwner(sessions, 's')).toBeNull()
  const lock = await lockSession(sessions, 's', now)
  expect(await sessionOwner(sessions, 's')).toBe(
    `process ${process.pid} on ${hostname()} since 2026-11-22T09:30:00.000Z`,
  )
  lock.release()
  expect(await sessionOwner(sessions, 's')).toBeNull()
})
