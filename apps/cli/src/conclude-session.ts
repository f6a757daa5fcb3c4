import { relative, resolve } from 'node:path'
import type { Report } from '@infrafabric/report'
import { formatUsd, isOver, type Session } from '@infrafabric/session'
import { commandLine } from './command-line.ts'
import type { Context } from './context.ts'
import { exitCodeOf } from './exit.ts'
import type { Fabric } from './fabric.ts'
import type { Paint } from './io.ts'
import { plainText } from './plain-text.ts'
import { type ReportFormat, reportFolder, reportOf, writeReport } from './report-files.ts'
import { counted, duration, grouped } from './words-for.ts'

export interface Concluded {
  fabric: Fabric
  session: Session
  /** Of this run alone. */
  tookMs: number
}

/** Writes the report of a session that stopped, tells people how it went, and gives the exit code. */
export async function concludeSession(
  { fabric, session, tookMs }: Concluded,
  context: Context,
): Promise<number> {
  const report = reportOf(await fabric.read(session.name))
  const out = context.arguments.text('out')
  const folder = out === undefined ? reportFolder(fabric.home, session.name) : resolve(context.folder, out)
  const files = await writeReport(report, folder)
  const exitCode = exitCodeOf(session)
  const { io } = context
  io.out(summary(report, { files, tookMs, isOver: isOver(session) }, context, io.paintOut))
  io.json({
    event: 'finished',
    session: session.name,
    stopped: report.ending.is,
    headline: report.ending.headline,
    counts: report.counts,
    spentMicros: report.bill.spentMicros,
    limitMicros: report.bill.limitMicros,
    report: files,
    resumable: !isOver(session),
    exitCode,
  })
  return exitCode
}

interface Written {
  files: Record<ReportFormat, string>
  tookMs: number
  /** It cannot be resumed. */
  isOver: boolean
}

function summary(report: Report, written: Written, context: Context, paint: Paint): string {
  const { counts, ending, record, bill } = report
  const good = ending.is === 'completed' && counts.failed + counts.skipped === 0
  const mark = good ? paint('green', '✓') : paint('yellow', '!')
  const plain = `infrafabric resume ${record.session}`
  const resume = commandLine(context, 'resume', record.session)
  const details = ending.details.map((detail) => `  ${plainText(detail.replaceAll(plain, resume))}`)
  return [
    '',
    `${mark} ${paint('bold', record.session)} (${duration(written.tookMs)}): ${plainText(ending.headline)}`,
    ...details,
    '',
    ...findings(report, paint),
    '',
    row(
      'cost',
      bill.free ? 'nothing' : `${formatUsd(bill.spentMicros)} of ${formatUsd(bill.limitMicros ?? 0)}`,
    ),
    row('report', shown(written.files.html, context)),
    row('', shown(written.files.md, context)),
    row('', shown(written.files.json, context)),
    row('read it', commandLine(context, 'report', record.session)),
    row('check it', commandLine(context, 'verify', record.session)),
    ...(written.isOver || ending.details.some((detail) => detail.includes(plain))
      ? []
      : [row('go on', resume)]),
    '',
  ].join('\n')
}

function findings({ counts }: Report, paint: Paint): string[] {
  const lines: [number, string, string][] = [
    [counts.verified, paint('green', 'verified'), 'two or more independent sources state it'],
    [counts.provisional, paint('cyan', 'provisional'), 'one source states it'],
    [counts.disputed, paint('red', 'disputed'), 'sources contradict each other'],
    [counts.unverified, paint('yellow', 'unverified'), 'no quote that counts'],
    [counts.missing, paint('yellow', 'missing'), 'its source is gone'],
  ]
  const claims = lines
    .filter(([count], at) => count > 0 || at < 3)
    .map(
      ([count, status, meaning]) =>
        `  ${grouped(count).padStart(5)} ${pad(status, 12)} ${paint('dim', meaning)}`,
    )
  const { questions, answered, withoutEvidence, failed, skipped, open } = counts
  const parts = [
    `${answered} of ${counted(questions, 'question')} answered`,
    ...(withoutEvidence > 0 ? [`${withoutEvidence} without evidence`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} left out`] : []),
    ...(open > 0 ? [`${open} still open`] : []),
  ]
  return [`  ${parts.join(', ')}; claims:`, ...claims]
}

/** Pads by what is seen, colours aside. */
function pad(text: string, width: number): string {
  const seen = text.replace(new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g'), '').length
  return text + ' '.repeat(Math.max(0, width - seen))
}

function row(name: string, value: string): string {
  return `  ${name.padEnd(9)} ${value}`
}

/** Relative where that is shorter. */
function shown(path: string, { folder }: Context): string {
  const way = relative(folder, path)
  return plainText(way.startsWith('..') || way.length > path.length ? path : way)
}
