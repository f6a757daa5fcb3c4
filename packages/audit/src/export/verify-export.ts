import type { Primitives } from '@infrafabric/protocol'
import type { Audit } from '../audit.ts'
import { Findings } from '../findings.ts'
import { type VerifySession, verifySession } from '../verify-session.ts'
import { MANIFEST, SEAL } from './members.ts'
import { type OpenOptions, openExport } from './open-export.ts'

export interface VerifyExport
  extends Pick<VerifySession, 'operatorFingerprint' | 'readDocument' | 'onProgress'>,
    OpenOptions {
  /** Path of the exported file. */
  file: string
  primitives: Primitives
}

/** Checks an exported file to the last byte, and the session in it. Rejects only when the file cannot be read. */
export async function verifyExport(input: VerifyExport): Promise<Audit> {
  const { file, primitives, ...rest } = input
  const findings = new Findings()
  const {
    manifest,
    session,
    journal,
    objects,
    file: fileOf,
  } = await openExport(file, primitives, findings, rest)
  // Whoever pins the operator wants the operator's word for all of it.
  if (
    input.operatorFingerprint !== undefined &&
    findings.warnings.some(({ code }) => code === 'not-signed')
  ) {
    const detail = 'the operator did not sign this file, so its README and reports could be anybody’s'
    findings.fault('not-signed', `archive, ${SEAL}`, detail)
  }
  const report = fileOf('report.json')
  const audit = await verifySession(
    {
      ...rest,
      session,
      journal: journal(),
      objects,
      primitives,
      ...(report === undefined ? {} : { report }),
    },
    findings,
  )
  if (manifest === null) return audit
  const says = (what: string): void => findings.fault('archive', `archive, ${MANIFEST}`, what)
  if (manifest.session !== session)
    says(`it is for session "${manifest.session}", the journal for "${session}"`)
  if (manifest.entries !== audit.counts.entries) {
    says(`it counts ${manifest.entries} entries; the journal has ${audit.counts.entries}`)
  }
  if (manifest.head !== audit.head) says('the last entry is not the one that it names')
  if (manifest.operator !== audit.operatorFingerprint) says('it names another operator than the journal')
  if (audit.software !== null && manifest.software !== audit.software)
    says('it names other software than the journal')
  return { ...audit, ok: findings.faultsTotal === 0, faultsTotal: findings.faultsTotal }
}
