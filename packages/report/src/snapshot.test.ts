import { createHash } from 'node:crypto'
import type { Sha256 } from '@infrafabric/protocol'
import { expect, test } from 'vitest'
import { buildReport } from './build-report.ts'
import { SCRIPT, STYLE } from './html-assets.ts'
import { renderHtml } from './render-html.ts'
import { renderMarkdown } from './render-markdown.ts'
import { inputOf, yachtSession } from './testing/yacht-session.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex') as Sha256
const report = () => buildReport(inputOf(yachtSession(sha256)))

test('the Markdown report is as agreed', async () => {
  await expect(renderMarkdown(report())).toMatchFileSnapshot('./testing/yacht-report.md')
})

test('the HTML report is as agreed, style and script aside', async () => {
  const html = renderHtml(report())
    .replace(STYLE, '')
    .replace(SCRIPT, '')
    .replace(/'sha256-[^']*'/g, "'sha256-…'")
  await expect(html).toMatchFileSnapshot('./testing/yacht-report.skeleton.txt')
})
