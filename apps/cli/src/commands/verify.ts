import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Audit, AuditFault, Progress } from '@infrafabric/audit'
import { formatUsd } from '@infrafabric/session'
import { readAgain } from '../compose.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import type { VerifyOptions } from '../fabric.ts'
import { readSession } from '../find-session.ts'
import type { Io } from '../io.ts'
import { plainText } from '../plain-text.ts'
import { UserError } from '../user-error.ts'
import { counted } from '../words-for.ts'

export async function execute(context: Context): Promise<number> {
  const { io } = context
  const operator = operatorOf(context)
  const options: VerifyOptions = {
    ...(operator === undefined ? {} : { operatorFingerprint: operator }),
    onProgress: progressOn(io),
  }
  const given = context.arguments.words[0]?.text ?? ''
  const file = resolve(context.folder, given)
  const isFile = await stat(file).then(
    (found) => found.isFile(),
    () => false,
  )
  if (isFile) {
    const { verifyExport } = await import('@infrafabric/audit')
    const { nodePrimitives } = await import('@infrafabric/runtime')
    return tell(
      await verifyExport({ file, primitives: nodePrimitives, readDocument: readAgain, ...options }),
      given,
      io,
    )
  }
  if (/[/\\]|\.t?gz$/.test(given) && !given.startsWith('if://'))
    throw new UserError(`${given}: there is no such file`)
  return readSession(context, async (fabric, session) =>
    tell(await fabric.verify(session, options), session, io),
  )
}

function operatorOf({ arguments: given }: Context): string | undefined {
  const text = given
    .text('operator')
    ?.toLowerCase()
    .replace(/^sha256:/, '')
  if (text !== undefined && !/^[0-9a-f]{64}$/.test(text))
    throw new UserError(
      '--operator must be the 64 hexadecimal digits of a fingerprint, as `infrafabric export` prints it',
    )
  return text
}

function progressOn(io: Io): (progress: Progress) => void {
  if (!io.terminal.live) return () => {}
  const { stream } = io.terminal
  let toldAt = Date.now()
  return ({ checking, done }) => {
    const now = Date.now()
    if (now - toldAt < 500) return
    toldAt = now
    stream.write(`\r\u001b[Kchecking ${checking}: ${done}\r`)
  }
}

function tell(audit: Audit, what: string, io: Io): number {
  if (io.terminal.live) io.terminal.stream.write('\u001b[K')
  io.json({ event: 'verified', ...audit })
  const { paintOut: paint } = io
  const exitCode = audit.ok ? EXIT.done : EXIT.failed
  const lines = audit.ok ? goodNews(audit) : badNews(audit)
  const mark = audit.ok ? paint('green', '✓') : paint('red', '✗')
  io.out(
    `${mark} ${paint('bold', plainText(what))} ${audit.ok ? 'is what it says it is' : 'is not what it should be'}\n`,
  )
  for (const line of lines) io.out(`  ${line}\n`)
  for (const warning of audit.warnings) io.out(`  ${paint('yellow', '!')} ${faultLine(warning)}\n`)
  return exitCode
}

function goodNews({
  counts,
  budget,
  operatorFingerprint,
  operatorPinned,
  session,
  readers,
}: Audit): string[] {
  const { quotes, claims } = counts
  const quoted = Object.values(quotes).reduce((sum, count) => sum + count, 0)
  const stated = Object.values(claims).reduce((sum, count) => sum + count, 0)
  return [
    `session    ${plainText(session)}`,
    `journal    ${counted(counts.entries, 'entry', 'entries')} in one chain, ${counted(counts.checkpoints, 'signed checkpoint')}`,
    `messages   ${counted(counts.received + counts.sent, 'signature')} good, ${counted(counts.grants, 'grant')}`,
    `evidence   ${counted(counts.evidence, 'source')} with the right hash, ${readers.repeated} read again with the same text`,
    `claims     ${stated} with the status that follows from ${counted(quoted, 'quote')}`,
    `money      ${formatUsd(budget.spent)} spent${budget.limit === null ? '' : ` of ${formatUsd(budget.limit)}, never more`}`,
    operatorPinned
      ? `operator   ${operatorFingerprint}, as asked for`
      : `operator   ${operatorFingerprint}; compare it with what you were told, or use --operator`,
  ]
}

function badNews({ faults, faultsTotal }: Audit): string[] {
  const more = faultsTotal - faults.length
  return [...faults.map(faultLine), ...(more > 0 ? [`and ${counted(more, 'more fault')}`] : [])]
}

function faultLine({ where, code, detail }: AuditFault): string {
  return plainText(`${where}: ${detail} [${code}]`)
}
