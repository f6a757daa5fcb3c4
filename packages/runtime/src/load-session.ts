import { DriverError, type Journal, type ObjectStore } from '@infrafabric/ports'
import {
  type Admission,
  chainHash,
  chainStart,
  createAdmission,
  createRegistry,
  createVerifier,
  EncodingRoom,
  fromBase64,
  isJsonObject,
  type Json,
  type Primitives,
  type Registry,
  type Sha256,
  type Verifier,
} from '@infrafabric/protocol'
import {
  type Entry,
  eventOf,
  type Inbound,
  inboundOf,
  JOURNAL_FORMAT,
  openSession,
  type Session,
  step,
} from '@infrafabric/session'
import { checkOut } from './claim-check.ts'

/** A session rebuilt from its journal, and what is needed to go on with it. */
export interface LoadedSession {
  session: Session
  head: { length: number; hash: Sha256 }
  registry: Registry
  admission: Admission
  operatorKey: Uint8Array
}

/**
 * Folds the journal. Every entry is checked against the chain; a damaged one is refused with its position, and
 * a journal of a newer format with the remedy. An unknown session is `not-found`.
 *
 * With `to: 'run'` every signature is verified again and every message remembered, as whoever goes on with the
 * session needs; with `to: 'read'` the chain is enough.
 */
export async function loadSession(
  name: string,
  ports: { journal: Journal; objects: ObjectStore; primitives: Primitives },
  to: 'run' | 'read',
): Promise<LoadedSession> {
  const { journal, objects, primitives } = ports
  let loaded: LoadedSession | null = null
  let verifier: Verifier | null = null
  let hash = chainStart(name, primitives)
  let length = 0
  const room = new EncodingRoom()
  for await (const row of journal.read(name)) {
    hash = chainHash(hash, row.body, primitives, room)
    if (row.seq !== length || row.hash !== hash)
      throw damaged(name, length, 'its hash does not continue the chain')
    const entry = parseEntry(name, length, row.body)
    length++
    if (loaded === null) {
      loaded = open(name, entry, primitives)
      if (to === 'run') verifier = createVerifier({ primitives, registry: loaded.registry })
      continue
    }
    if (entry.kind === 'opened') throw damaged(name, row.seq, 'the session is opened a second time')
    const current: LoadedSession = loaded
    if (verifier !== null && (entry.kind === 'epoch-started' || entry.kind === 'granted')) {
      asWritten(name, row.seq, () => admitGrants(current.registry, entry.grants, name, row.seq))
    }
    let inbound: Inbound | null = null
    if (entry.kind === 'received') {
      const read = asWritten(name, row.seq, () => {
        if (verifier !== null) remember(current, verifier, entry.message, row.seq)
        return inboundOf(entry.message)
      })
      inbound = { ...read, content: await checkOut(read.content, objects, primitives) }
    }
    asWritten(name, row.seq, () => {
      const event = eventOf(entry, inbound)
      if (event !== null) step(current.session, event)
    })
  }
  if (loaded === null) {
    throw new DriverError(
      'not-found',
      'load session',
      `no session "${name}"; infrafabric list shows what there is`,
    )
  }
  loaded.head = { length, hash }
  return loaded
}

function open(name: string, entry: Entry, primitives: Primitives): LoadedSession {
  if (entry.kind !== 'opened') throw damaged(name, 0, 'the first entry does not open a session')
  if (entry.v > JOURNAL_FORMAT) {
    throw new DriverError(
      'invalid',
      'load session',
      `session "${name}" was made by ${entry.software}, whose journal format ${entry.v} is newer than this program's ${JOURNAL_FORMAT}: update infrafabric`,
    )
  }
  if (entry.session !== name) throw damaged(name, 0, `it belongs to session "${entry.session}"`)
  const operatorKey = fromBase64(entry.operatorKey)
  if (operatorKey === undefined) throw damaged(name, 0, 'the operator key is not base64')
  return asWritten(name, 0, () => ({
    session: openSession(entry),
    head: { length: 0, hash: chainStart(name, primitives) },
    registry: createRegistry({ session: name, operatorKey, primitives }),
    admission: createAdmission({ session: name }),
    operatorKey,
  }))
}

function parseEntry(name: string, seq: number, body: string): Entry {
  try {
    const entry: Json = JSON.parse(body)
    if (isJsonObject(entry)) return entry as unknown as Entry
  } catch {
    // Said below.
  }
  throw damaged(name, seq, 'it is not a JSON object')
}

/**
 * The chain has no key: whoever can write the journal can chain an entry that no coordinator wrote. What such an
 * entry trips over is the journal's damage, at its position.
 */
function asWritten<T>(name: string, seq: number, use: () => T): T {
  try {
    return use()
  } catch (error) {
    if (error instanceof DriverError) throw error
    const why = error instanceof Error ? error.message : String(error)
    throw damaged(name, seq, `it is not what a journal holds: ${why.slice(0, 200)}`, error)
  }
}

function admitGrants(registry: Registry, grants: readonly string[], name: string, seq: number): void {
  for (const grant of grants) {
    const verdict = registry.admit(grant)
    if (!verdict.ok) throw damaged(name, seq, `a grant is not valid: ${verdict.detail}`)
  }
}

function remember(loaded: LoadedSession, verifier: Verifier, wire: string, seq: number): void {
  const { name } = loaded.session
  const verdict = verifier.verify(wire, { position: seq })
  if (!verdict.ok) throw damaged(name, seq, `its message does not verify: ${verdict.detail}`)
  const noted = loaded.admission.note(verdict.message)
  if (!noted.ok) throw damaged(name, seq, `its message was admitted before: ${noted.detail}`)
}

function damaged(name: string, seq: number, why: string, cause?: unknown): DriverError {
  return new DriverError(
    'corrupt',
    'load session',
    `the journal of session "${name}" is damaged: entry ${seq} is the first bad one (${why}). Nothing was changed; restore the home from a backup, or verify an export of the session`,
    { cause },
  )
}
