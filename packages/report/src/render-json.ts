import type { Report } from './report.ts'
import { stableJson } from './stable-json.ts'

/** The whole report, nothing cut; its members are documented in docs/report.md. */
export function renderJson(report: Report): string {
  return stableJson(report)
}
