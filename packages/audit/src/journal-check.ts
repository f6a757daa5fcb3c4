import type { JournalEntry } from '@infrafabric/ports'
import {
  type Admission,
  agentIdOf,
  agentName,
  chainHash,
  chainStart,
  createAdmission,
  createRegistry,
  createVerifier,
  fromBase64,
  isSha256,
  type Primitives,
  type Registry,
  type Sha256,
  sha256Hex,
  type Verifier,
  verifyCheckpoint,
} from '@infrafabric/protocol'
import { COORDINATOR, type Entry, type Session, type SourceRecord } from '@infrafabric/session'
import { type Objects, resolveContent } from './claim-check.ts'
import type { Findings } from './findings.ts'
import { readEntry } from './read-entry.ts'
import { readMessage } from './read-message.ts'
import { Replay } from './replay.ts'

type EntryOf<Kind extends Entry['kind']> = Extract<Entry, { kind: Kind }>

/** What `opened` makes possible. */
interface Trust {
  registry: Registry
  verifier: Verifier
  admission: Admission
}

/** Checks a journal entry by entry, in one pass. */
export class JournalCheck {
  readonly counts = { entries: 0, received: 0, sent: 0, refused: 0, grants: 0, epochs: 0, checkpoints: 0 }
  readonly sources: SourceRecord[] = []
  operatorFingerprint: Sha256 | null = null
  software: string | null = null
  head: Sha256
  attested = 0

  readonly #name: string
  readonly #coordinator: string
  readonly #objects: Objects
  readonly #primitives: Primitives
  readonly #findings: Findings
  #expectedOperator: string | null = null
  #trust: Trust | null = null
  #replay: Replay | null = null
  /** From a newer format, or never opened: only the chain can be checked. */
  #chainOnly = false
  #epoch = 0
  #keyId = ''
  #nextSeq = 1
  #at = 0
  #clockJumps = 0
  #firstJump = ''

  constructor(session: string, objects: Objects, primitives: Primitives, findings: Findings) {
    this.#name = session
    this.#coordinator = agentName(session, COORDINATOR)
    this.#objects = objects
    this.#primitives = primitives
    this.#findings = findings
    this.head = chainStart(session.toWellFormed(), primitives)
  }

  expectOperator(fingerprint: string): void {
    this.#expectedOperator = fingerprint
  }

  get session(): Session | null {
    return this.#replay?.session ?? null
  }

  /** The session as its events made it; null when they could not be followed to the end. */
  get decided(): Session | null {
    return this.#replay?.follows === true ? this.#replay.session : null
  }

  async entry(row: JournalEntry): Promise<void> {
    const position = this.counts.entries
    const where = `entry ${position}`
    const before = this.head
    this.#chain(row, position, where)
    this.counts.entries++
    if (this.#chainOnly) return
    const read = readEntry(row.body)
    if (!read.ok) {
      this.#unread(read, position, where)
      return
    }
    const { entry } = read
    this.#time(entry, where)
    if (position === 0 || this.#trust === null) {
      if (entry.kind === 'opened' && position === 0) this.#open(entry, where)
      else this.#giveUp(where, 'the first entry does not open a session')
      return
    }
    await this.#judge(entry, this.#trust, position, before, where)
  }

  finish(): void {
    const { entries } = this.counts
    const last = `entry ${Math.max(0, entries - 1)}`
    this.#replay?.finish(last)
    if (this.#clockJumps > 0) {
      const detail = `the coordinator's clock went back ${this.#clockJumps} times, first here; the session's own time did not`
      this.#findings.warn('clock', this.#firstJump, detail)
    }
    if (this.#trust === null || entries === 0) return
    const stopped = this.#replay?.session.phase.is === 'stopped'
    if (this.attested < entries - 1 || this.attested === 0) {
      const from = this.attested === 0 ? 0 : this.attested + 1
      const cut = stopped ? '' : '; entries may have been cut off'
      const detail = `no checkpoint attests to entries ${from} to ${entries - 1}, so the session is not attested to the end${cut}`
      this.#findings.warn('not-attested', last, detail)
    }
    if (!stopped && this.#replay?.follows === true) {
      this.#findings.warn(
        'not-stopped',
        last,
        'the session has not stopped: more may follow, or have been cut off',
      )
    }
  }

  #chain(row: JournalEntry, position: number, where: string): void {
    const expected = chainHash(this.head, row.body, this.#primitives)
    if (row.seq !== position) {
      const detail = `it is numbered ${row.seq}: entries are missing, repeated or exchanged. Nothing from here on can be trusted`
      this.#findings.fault('chain', where, detail)
    } else if (row.hash !== expected) {
      const detail =
        'its hash does not continue the chain: it, or its hash, was changed. Nothing from here on can be trusted'
      this.#findings.fault('chain', where, detail)
    }
    // Going on from the hash that is claimed tells further breaks from the first one's consequences.
    this.head = isSha256(row.hash) ? row.hash : expected
  }

  #unread(read: { code: 'entry' | 'newer-format'; detail: string }, position: number, where: string): void {
    this.#findings.fault(read.code, where, read.detail)
    if (position === 0 || read.code === 'newer-format') this.#chainOnly = true
    else this.#replay?.stop(where, 'an entry cannot be read')
  }

  #giveUp(where: string, why: string): void {
    this.#chainOnly = true
    this.#findings.fault('entry', where, `${why}: only the chain was checked from here on`)
  }

  #time(entry: Entry, where: string): void {
    if (entry.at < this.#at && this.#clockJumps++ === 0) this.#firstJump = where
    this.#at = Math.max(this.#at, entry.at)
  }

  #open(entry: EntryOf<'opened'>, where: string): void {
    if (entry.session !== this.#name) {
      this.#findings.fault('wrong-session', where, `it opens session "${entry.session}", not "${this.#name}"`)
      this.#chainOnly = true
      return
    }
    const key = fromBase64(entry.operatorKey)
    if (key?.length !== 32) {
      this.#giveUp(where, 'operatorKey is not 32 bytes in base64')
      return
    }
    this.software = entry.software
    this.operatorFingerprint = sha256Hex(key, this.#primitives)
    const expected = this.#expectedOperator
    if (expected !== null && expected !== this.operatorFingerprint) {
      const detail = `the session was run by the operator with key ${this.operatorFingerprint}, not by ${expected}`
      this.#findings.fault('operator', where, detail)
    }
    try {
      const registry = createRegistry({ session: this.#name, operatorKey: key, primitives: this.#primitives })
      this.#trust = {
        registry,
        verifier: createVerifier({ primitives: this.#primitives, registry }),
        admission: createAdmission({ session: this.#name }),
      }
      this.#replay = new Replay(entry, this.#findings, this.#primitives)
    } catch (error) {
      this.#giveUp(where, error instanceof Error ? error.message : String(error))
    }
  }

  async #judge(entry: Entry, trust: Trust, position: number, before: Sha256, where: string): Promise<void> {
    const replay = this.#replay
    switch (entry.kind) {
      case 'opened':
        this.#findings.fault('entry', where, 'the session is opened a second time')
        return
      case 'epoch-started':
        replay?.endTurn(where)
        this.#startEpoch(entry, trust, where)
        replay?.event({ kind: 'epoch-started', at: entry.at, epoch: entry.epoch, keyId: entry.keyId }, where)
        return
      case 'granted':
        replay?.endTurn(where)
        this.#grant(entry, trust, where)
        return
      case 'received':
        await this.#received(entry, trust, position, where)
        return
      case 'sent':
        this.#sent(entry, trust, position, where)
        return
      case 'refused':
        this.counts.refused++
        replay?.other(where)
        return
      case 'checkpoint':
        replay?.endTurn(where)
        this.#checkpoint(entry, trust, position, before, where)
        return
      case 'evidence-added':
        for (const source of entry.sources) this.sources.push(source)
        replay?.event(entry, where)
        return
      default:
        replay?.event(entry, where)
    }
  }

  #startEpoch(entry: EntryOf<'epoch-started'>, { registry }: Trust, where: string): void {
    this.counts.epochs++
    if (entry.epoch <= this.#epoch) {
      this.#findings.fault('epoch', where, `epoch ${entry.epoch} follows epoch ${this.#epoch}`)
    }
    this.#epoch = Math.max(this.#epoch, entry.epoch)
    this.#keyId = entry.keyId
    this.#nextSeq = 1
    this.#admit(entry.grants, registry, where)
    const grant = registry.find(entry.keyId, entry.epoch)?.grant
    if (grant?.agent !== this.#coordinator || grant.role !== 'coordinator') {
      const detail = `no grant by the operator makes ${entry.keyId} the coordinator's key of epoch ${entry.epoch}`
      this.#findings.fault('grant', where, detail)
    }
  }

  #grant(entry: EntryOf<'granted'>, { registry }: Trust, where: string): void {
    for (const { agent, role, issuer_key_id: issuer } of this.#admit(entry.grants, registry, where)) {
      const id = agentIdOf(agent, this.#name) ?? ''
      const known = this.session?.agentsByName.get(id)
      if (known?.role !== role) {
        this.#findings.fault('grant', where, `the session has no ${role} called ${id}`)
      } else if (issuer !== this.#keyId) {
        this.#findings.fault('grant', where, `the grant to ${id} is not by the coordinator of this epoch`)
      }
    }
  }

  /** The grants that are valid. */
  #admit(wires: readonly string[], registry: Registry, where: string) {
    return wires.flatMap((wire, at) => {
      this.counts.grants++
      const verdict = registry.admit(wire)
      const fault = (why: string): [] => {
        this.#findings.fault('grant', `${where}, grant ${at + 1}`, why)
        return []
      }
      if (!verdict.ok) return fault(`${verdict.code}: ${verdict.detail}`)
      const { epoch } = verdict.grant
      return epoch === this.#epoch ? [verdict.grant] : fault(`it is for epoch ${epoch}, not ${this.#epoch}`)
    })
  }

  async #received(
    { message: wire, at }: EntryOf<'received'>,
    { verifier, admission }: Trust,
    position: number,
    where: string,
  ): Promise<void> {
    this.counts.received++
    const { verified, message } = this.#read(wire, verifier, position, where)
    if (message === undefined) return
    if (message.receiver !== this.#coordinator) {
      this.#findings.fault('message', where, `${message.message_id} is addressed to ${message.receiver}`)
    }
    if (verified !== null) {
      const admitted = admission.admit(verified, at)
      if (!admitted.ok) {
        this.#findings.fault('replay', where, `${message.message_id}: ${admitted.code}: ${admitted.detail}`)
      }
    }
    const resolved = await resolveContent(message.content, this.#objects, this.#primitives)
    if (!resolved.ok) {
      this.#findings.fault('claim-check', where, `content of ${message.message_id}: ${resolved.detail}`)
      this.#replay?.stop(where, 'the content of a message is not known')
      return
    }
    const { sender, performative, message_id: messageId } = message
    const inbound = { sender, performative, messageId, content: resolved.content }
    this.#replay?.event({ kind: 'received', at, message: inbound }, where)
  }

  /** A message that does not verify is a fault, and what it says is followed all the same, where it can be read. */
  #read(wire: string, verifier: Verifier, position: number, where: string) {
    const verdict = verifier.verify(wire, { position })
    if (verdict.ok) return { verified: verdict.message, message: verdict.message }
    this.#findings.fault('message', where, `${verdict.code}: ${verdict.detail}`)
    const message = readMessage(wire)
    if (message === undefined) this.#replay?.stop(where, 'the message cannot be read')
    return { verified: null, message }
  }

  #sent({ message: wire, at }: EntryOf<'sent'>, { verifier }: Trust, position: number, where: string): void {
    this.counts.sent++
    const { message } = this.#read(wire, verifier, position, where)
    if (message === undefined) return
    const { sender, key_id: keyId, epoch, seq } = message
    if (sender !== this.#coordinator || keyId !== this.#keyId || epoch !== this.#epoch) {
      const detail = `${message.message_id} is not by the coordinator of epoch ${this.#epoch}`
      this.#findings.fault('message', where, detail)
    } else if (seq !== this.#nextSeq) {
      this.#findings.fault(
        'replay',
        where,
        `${message.message_id} stands where seq ${this.#nextSeq} should be`,
      )
    }
    this.#nextSeq = seq + 1
    this.#replay?.sent(message, at, where)
  }

  #checkpoint(
    entry: EntryOf<'checkpoint'>,
    { registry }: Trust,
    position: number,
    before: Sha256,
    where: string,
  ): void {
    this.counts.checkpoints++
    const verdict = verifyCheckpoint(entry.checkpoint, { registry, primitives: this.#primitives, position })
    if (!verdict.ok) {
      this.#findings.fault('checkpoint', where, `${verdict.code}: ${verdict.detail}`)
      return
    }
    const { size, head, epoch, at } = verdict.checkpoint
    // Nothing attests to the last entry itself: what it says beside its signed checkpoint must follow from that.
    if (entry.at !== at)
      this.#findings.fault('checkpoint', where, `it was signed at ${at}, not at ${entry.at}`)
    if (size !== position) {
      this.#findings.fault('checkpoint', where, `it attests to ${size} entries; ${position} stand before it`)
    } else if (head !== before) {
      const detail = `it attests to other entries than the ${position} before it: one of them was changed after it was signed`
      this.#findings.fault('checkpoint', where, detail)
    } else if (epoch !== this.#epoch) {
      this.#findings.fault('checkpoint', where, `it is of epoch ${epoch}; this is epoch ${this.#epoch}`)
    } else this.attested = size
  }
}
