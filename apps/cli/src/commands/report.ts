import type { Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import { readSession } from '../find-session.ts'
import { plainText } from '../plain-text.ts'
import { parseFormat, renderReport, reportOf } from '../report-files.ts'

export async function execute(context: Context): Promise<number> {
  const { io, json } = context
  const given = context.arguments.text('format')
  // With --json stdout is JSON, so the report is too.
  const format = json && given === undefined ? 'json' : parseFormat(given)
  return readSession(context, async (fabric, session) => {
    const report = reportOf(await fabric.read(session))
    if (json)
      io.json(format === 'json' ? report : { event: 'report', format, text: renderReport(report, format) })
    else {
      const text = renderReport(report, format)
      io.out(io.outIsTerminal ? plainText(text) : text)
    }
    return EXIT.done
  })
}
