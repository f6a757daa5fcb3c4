import { join, resolve } from 'node:path'
import { buildReport, type Report, renderHtml, renderJson, renderMarkdown } from '@infrafabric/report'
import manifest from '../package.json' with { type: 'json' }
import type { SessionReading } from './fabric.ts'
import { UserError } from './user-error.ts'
import { writeFileDurably } from './write-file.ts'

export const REPORT_FORMATS = ['md', 'html', 'json'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

export function reportOf({ session, index, head, operatorFingerprint }: SessionReading): Report {
  return buildReport({
    session,
    lookup: (source, passage) => index.passage(source, passage),
    readings: index.readings,
    fingerprints: { operator: operatorFingerprint, journalHead: head.hash, entries: head.length },
    generatedBy: `infrafabric ${manifest.version}`,
  })
}

export function renderReport(report: Report, format: ReportFormat): string {
  switch (format) {
    case 'md':
      return renderMarkdown(report)
    case 'html':
      return renderHtml(report)
    case 'json':
      return renderJson(report)
  }
}

/** Where the report of a session lies unless the user names another folder. */
export function reportFolder(home: string, session: string): string {
  return join(home, 'reports', session)
}

/** Writes report.md, report.html and report.json, each whole and durable. Returns their paths. */
export async function writeReport(report: Report, folder: string): Promise<Record<ReportFormat, string>> {
  const paths: Partial<Record<ReportFormat, string>> = {}
  for (const format of REPORT_FORMATS) {
    const path = resolve(folder, `report.${format}`)
    await writeFileDurably(path, renderReport(report, format))
    paths[format] = path
  }
  return paths as Record<ReportFormat, string>
}

export function parseFormat(text: string | undefined): ReportFormat {
  const format = REPORT_FORMATS.find((known) => known === (text ?? 'md'))
  if (format === undefined)
    throw new UserError(`--format ${JSON.stringify(text)} is none of ${REPORT_FORMATS.join(', ')}`)
  return format
}
