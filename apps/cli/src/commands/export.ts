import { resolve } from 'node:path'
import { commandLine } from '../command-line.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import { readSession } from '../find-session.ts'
import { REPORT_FORMATS, renderReport, reportOf } from '../report-files.ts'
import { UserError } from '../user-error.ts'
import { writeFileDurably } from '../write-file.ts'

export async function execute(context: Context): Promise<number> {
  const { io, folder } = context
  const given = context.arguments.text('output')
  if (given === undefined)
    throw new UserError(
      'which file shall be written? Add -o FILE, as in: infrafabric export handover-7f3k -o handover.tar.gz',
    )
  const path = resolve(folder, given)
  return readSession(context, async (fabric, session) => {
    const reading = await fabric.read(session)
    const report = reportOf(reading)
    const reports = REPORT_FORMATS.map((format) => [`report.${format}`, renderReport(report, format)])
    const { chunks, signed, entries, head, operatorFingerprint } = await fabric.export(
      session,
      reading.head.length,
      Object.fromEntries(reports),
    )
    await writeFileDurably(path, chunks)
    const check = commandLine(
      { ...context, home: undefined },
      'verify',
      given,
      '--operator',
      operatorFingerprint,
    )
    io.out(
      `Wrote ${given}: ${session} with all its evidence${signed ? ', signed by its operator' : ', not signed: this home is not that of its operator'}.\nAnybody can check it, offline:\n  ${check}\nTell them the fingerprint by another way than the file.\n`,
    )
    io.json({ event: 'exported', session, path, signed, entries, head, operatorFingerprint })
    return EXIT.done
  })
}
