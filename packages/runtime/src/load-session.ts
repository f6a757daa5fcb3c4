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
  type Primitives,
  type Registry,
  type Sha256,
  type Verifier,
} from '@infrafabric/protocol'
import {
  type Entry,
  eventOf,
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
    if (verifier !== null && (entry.kind === 'epoch-started' || entry.kind === 'granted')) {
      admitGrants(loaded.registry, entry.grants, name, row.seq)
    }
    let inbound = null
    if (entry.kind === 'received') {
      if (verifier !== null) remember(loaded, verifier, entry.message, row.seq)
      inbound = inboundOf(entry.message)
      inbound.content = await checkOut(inbound.content, objects, primitives)
    }
    const event = eventOf(entry, inbound)
    if (event !== null) step(loaded.session, event)
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
  return {
    session: openSession(entry),
    head: { length: 0, hash: chainStart(name, primitives) },
    registry: createRegistry({ session: name, operatorKey, primitives }),
    admission: createAdmission({ session: name }),
    operatorKey,
  }
}

function parseEntry(name: string, seq: number, body: string): Entry {
  try {
    return JSON.parse(body) as Entry
  } catch {
    throw damaged(name, seq, 'it is not JSON')
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

function damaged(name: string, seq: number, why: string): DriverError {
  return new DriverError(
    'corrupt',
    'load session',
    `the journal of session "${name}" is damaged: entry ${seq} is the first bad one (${why}). Nothing was changed; restore the home from a backup, or verify an export of the session`,
  )
}
