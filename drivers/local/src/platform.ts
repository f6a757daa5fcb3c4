import type { KeyObject } from 'node:crypto'
import { resolve } from 'node:path'
import { DriverError, type Journal, type MessageBus, type ObjectStore } from '@infrafabric/ports'
import type { LocalConfig } from './config.ts'
import { translating } from './errors.ts'
import { openJournal, openJournalReadOnly } from './journal.ts'
import { loadKey, loadOrCreateKey } from './keys.ts'
import { checkVersion, type HomePaths, pathsOf, prepareHome } from './layout.ts'
import { openMessageBus } from './message-bus.ts'
import { openObjectStore } from './object-store.ts'
import { lockSession, type SessionLock, sessionOwner } from './session-lock.ts'

/** The ports on one machine. */
export interface LocalPlatform {
  /** Absolute. */
  readonly home: string
  readonly journal: Journal
  readonly bus: MessageBus
  readonly objects: ObjectStore
  /** Rejects with `busy` while a process holds the session. */
  lockSession(session: string): Promise<SessionLock>
  /** Who holds the session at present, for people; null: nobody does. */
  sessionOwner(session: string): Promise<string | null>
  /** The ed25519 private key that signs for whoever uses this home; made at the first call. */
  operatorKey(): Promise<KeyObject>
  close(): Promise<void>
}

export async function openLocalPlatform(config: LocalConfig): Promise<LocalPlatform> {
  const paths = pathsOf(resolve(config.home))
  return translating('open', paths.home, () =>
    config.readOnly === true ? openForReading(paths) : openForWriting(paths, config),
  )
}

async function openForWriting(paths: HomePaths, config: LocalConfig): Promise<LocalPlatform> {
  const now = config.now ?? Date.now
  await prepareHome(paths)
  const objects = await openObjectStore(paths.objects, { now })
  const journal = await openJournal(paths.journal, now)
  let bus: MessageBus
  try {
    bus = await openMessageBus(paths.bus, { now, receivesMax: config.receivesMax })
  } catch (error) {
    await journal.close()
    throw error
  }
  return {
    home: paths.home,
    journal,
    bus,
    objects,
    lockSession: (session) => lockSession(paths.sessions, session, now),
    sessionOwner: (session) => sessionOwner(paths.sessions, session),
    operatorKey: () => loadOrCreateKey(paths.operatorKey),
    async close() {
      await bus.close()
      await journal.close()
    },
  }
}

async function openForReading(paths: HomePaths): Promise<LocalPlatform> {
  await checkVersion(paths)
  const journal = openJournalReadOnly(paths.journal)
  // Damage, or a home that cannot be read, is found now and not in the middle of a report.
  await journal.list()
  return {
    home: paths.home,
    journal,
    bus: closedBus(paths.home),
    objects: await openObjectStore(paths.objects, { now: Date.now, readOnly: true }),
    lockSession: (session) =>
      Promise.reject(readOnlyError('lockSession', `${paths.home}: session ${session}`)),
    sessionOwner: (session) => sessionOwner(paths.sessions, session),
    operatorKey: () => loadKey(paths.operatorKey),
    close: () => journal.close(),
  }
}

/** Queues are for those who run a session: a reader has no use for hints. */
function closedBus(home: string): MessageBus {
  const refuse = (operation: string) => () => Promise.reject(readOnlyError(operation, `${home}: the queues`))
  return {
    bodyBytesMax: 0,
    receivesMax: 0,
    send: refuse('send'),
    receive: refuse('receive'),
    acknowledge: refuse('acknowledge'),
    release: refuse('release'),
    deadLetters: refuse('deadLetters'),
    redrive: refuse('redrive'),
    purge: refuse('purge'),
    close: () => Promise.resolve(),
  }
}

function readOnlyError(operation: string, what: string): DriverError {
  return new DriverError('denied', operation, `${what}: the home was opened for reading only.`)
}
