import { describe, expect, it } from 'vitest'
import { draftOf, h01, NOW, openVerifier, primitives, SESSION } from '../scripts/cast.ts'
import { createAdmission } from './admission.ts'
import type { MessageDraft } from './message.ts'
import { seal } from './seal.ts'
import type { VerifiedMessage } from './verify.ts'

const verifier = openVerifier()

function messageOf(seq: number, changes: Partial<MessageDraft> = {}): VerifiedMessage {
  const verdict = verifier.verify(seal([draftOf(seq, changes)], h01, primitives)[0]?.wire ?? '')
  if (!verdict.ok) throw new Error(verdict.detail)
  return verdict.message
}

const codeOf = (admitted: { ok: true } | { ok: false; code: string }): string =>
  admitted.ok ? 'ok' : admitted.code
const DAY = 86_400_000

describe('createAdmission', () => {
  it('admits a message once, however late it comes again', () => {
    const admission = createAdmission({ session: SESSION })
    const message = messageOf(1)
    expect(codeOf(admission.admit(message, NOW))).toBe('ok')
    for (const later of [0, 1_000, 360_000, 13 * DAY]) {
      expect(codeOf(admission.admit(message, NOW + later))).toBe('duplicate')
    }
  })

  it('takes the same message in another batch for a duplicate', () => {
    const admission = createAdmission({ session: SESSION })
    admission.admit(messageOf(1), NOW)
    const [again] = seal([draftOf(1), draftOf(2)], h01, primitives)
    const verdict = verifier.verify(again?.wire ?? '')
    expect(verdict.ok && codeOf(admission.admit(verdict.message, NOW))).toBe('duplicate')
  })

  it('raises equivocation for two messages in one place, however late', () => {
    const admission = createAdmission({ session: SESSION })
    admission.admit(messageOf(1), NOW)
    expect(codeOf(admission.admit(messageOf(1, { content: 'other' }), NOW + DAY))).toBe('equivocation')
  })

  it.each([
    [-300_001, 'stale'],
    [-300_000, 'ok'],
    [300_000, 'ok'],
    [300_001, 'future'],
    [-3_600_000, 'stale'],
    [3_600_000, 'future'],
  ])('judges a timestamp %d ms from now as %s', (offset, code) => {
    const admission = createAdmission({ session: SESSION })
    expect(codeOf(admission.admit(messageOf(1, { timestamp: NOW + offset }), NOW))).toBe(code)
  })

  it('refuses a message at the time it expires, and does not remember it', () => {
    const admission = createAdmission({ session: SESSION })
    const message = messageOf(1, { expires_at: NOW + 1_000 })
    expect(codeOf(admission.admit(message, NOW + 1_000))).toBe('expired')
    expect(codeOf(admission.admit(message, NOW + 999))).toBe('ok')
  })

  it('refuses a message of another session', () => {
    expect(codeOf(createAdmission({ session: 'other' }).admit(messageOf(1), NOW))).toBe('wrong-scope')
  })

  it('remembers in whatever order messages come', () => {
    const admission = createAdmission({ session: SESSION })
    const order = [5, 7, 6, 1, 9, 2, 8, 3, 4, Number.MAX_SAFE_INTEGER]
    for (const seq of order) expect(codeOf(admission.admit(messageOf(seq), NOW))).toBe('ok')
    for (const seq of order) {
      expect(codeOf(admission.admit(messageOf(seq), NOW))).toBe('duplicate')
      expect(codeOf(admission.admit(messageOf(seq, { content: seq }), NOW))).toBe('equivocation')
    }
  })

  it('notes a message of the journal without looking at the clock', () => {
    const admission = createAdmission({ session: SESSION })
    expect(codeOf(admission.note(messageOf(1, { expires_at: NOW - DAY })))).toBe('ok')
    expect(codeOf(admission.note(messageOf(1, { expires_at: NOW - DAY })))).toBe('duplicate')
    expect(codeOf(admission.admit(messageOf(1), NOW))).toBe('equivocation')
  })
})
