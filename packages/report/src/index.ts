export { type Bill, type BillModel, buildBill } from './bill.ts'
export { buildReport } from './build-report.ts'
export { formatDay, formatInstant } from './instant.ts'
export { renderBill } from './render-bill.ts'
export { renderHtml } from './render-html.ts'
export { renderJson } from './render-json.ts'
export { renderMarkdown } from './render-markdown.ts'
export { renderStatus } from './render-status.ts'
export type {
  Counts,
  Ending,
  EvidenceItem,
  IgnoredQuoteLine,
  Question,
  Report,
  ReportClaim,
  ReportInput,
  ReportQuote,
  SessionRecord,
  Synthesis,
  TaskRecord,
} from './report.ts'
