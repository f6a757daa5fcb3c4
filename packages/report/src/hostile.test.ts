import { createHash } from 'node:crypto'
import type { Sha256 } from '@infrafabric/protocol'
import { expect, test } from 'vitest'
import { inlines } from './answer-blocks.ts'
import { buildReport } from './build-report.ts'
import { escapeLine } from './escape-markdown.ts'
import { renderHtml } from './render-html.ts'
import { renderMarkdown } from './render-markdown.ts'
import { documentOf, driveSession } from './testing/drive-session.ts'
import { inputOf } from './testing/yacht-session.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex') as Sha256
const HOSTILE = [
  '<script>alert(1)</script>',
  '</script></style><img src=x onerror=alert(1)>',
  '![x](https://evil.example/p.png) [click](javascript:alert(1))',
  '[ref]: https://evil.example\n[ref]',
  '# A heading\n\n## Session record\n\n=====',
  'https://evil.example and www.evil.example and <https://evil.example>',
  '`` ` ``` \n```\n<b>x</b>',
  '> quote\n- item\n1. item\n| a | b |\n| - | - |',
  '"\' onmouseover="alert(1)',
  '\u202egnp.exe\u2066 &lt;b&gt; \u0000\u001b[31m \ud800',
]

const text = HOSTILE.join('\n\n')

function hostileReport(body = text) {
  const document = documentOf('<img src=x>`|\u202e.md', 'The raft <b>was</b> serviced.\n', sha256)
  const driver = driveSession({
    objective: body,
    documents: [document],
    tasks: [
      { id: 'a', question: body.slice(0, 3_000), needs: [] },
      { id: 'b', question: 'B?', needs: [] },
    ],
    faults: [{ name: body, code: 'unreadable', detail: body }],
  })
  return buildReport(
    inputOf(
      driver
        .answer('a', {
          answer: body,
          claims: [
            {
              text: body.slice(0, 15_000),
              supports: [
                { source: document.source, passage: 0, text: 'The raft <b>was</b> serviced.' },
                { source: sha256('x'), passage: 1, text: body.slice(0, 15_000) },
              ],
              contradicts: [{ source: document.source, passage: 0, text: 'The raft <b>was</b> serviced.' }],
            },
          ],
          data: { body },
        })
        .fail('b', 'invalid-request', body.slice(0, 3_000)),
    ),
  )
}

test('HTML of strangers stays text: only our own elements and attributes stand in the page', () => {
  const html = renderHtml(hostileReport())
  const tags = [...html.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/gi)]
  expect(tags.filter(([, , name]) => name === 'script')).toHaveLength(2)
  expect(html).not.toMatch(/<(img|b>x|iframe|svg|object|form)/i)
  for (const [, , , attributes = ''] of tags)
    expect(attributes).not.toMatch(/\bon[a-z]+\s*=|javascript:|src=/i)
  for (const [, target] of html.matchAll(/href="([^"]*)"/g)) expect(target).toMatch(/^#[\w-]+$/)
})

test('every element that is opened is closed', () => {
  const open: string[] = []
  for (const [, end, name = ''] of renderHtml(hostileReport()).matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/gi)) {
    if (['meta', 'br', 'input'].includes(name)) continue
    if (end === '') open.push(name)
    else expect(open.pop()).toBe(name)
  }
  expect(open).toEqual([])
})

test('ids are unique and every link has its target', () => {
  const html = renderHtml(hostileReport())
  const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const [, target] of html.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target)
})

test('headings of the page go down one level at a time', () => {
  let level = 0
  for (const [, digit] of renderHtml(hostileReport()).matchAll(/<h([1-6])/g)) {
    expect(Number(digit)).toBeLessThanOrEqual(level + 1)
    level = Number(digit)
  }
})

test('Markdown of strangers makes no heading, link, image, rule or HTML', () => {
  const markdown = renderMarkdown(hostileReport())
  const outside = markdown.replace(/^(`{3,})\n[\s\S]*?\n\1$/gm, '').replace(/(`+)[^\n]*?[^`]\1(?!`)/g, '')
  expect(outside).not.toMatch(/(?<!\\)</)
  expect(outside).not.toMatch(/(?<!\\)\[/)
  expect(outside).not.toMatch(/https?:\/\/|www\./)
  expect(outside).not.toMatch(/^[=-]{2,}\s*$/m)
  expect(
    markdown
      .match(/^#{1,6} .*$/gm)
      ?.map((line) => line.replace(/^(#+) .*A heading.*|^(#+) (1|2)\. .*/, '$1$2')),
  ).toEqual(expect.arrayContaining(['## Session record', '## Evidence']))
  expect(markdown.match(/^## Session record$/gm)).toHaveLength(1)
})

test('characters that reorder or hide text are told by their number', () => {
  for (const shown of [renderMarkdown(hostileReport()), renderHtml(hostileReport())]) {
    expect(shown).toContain('⟦U+202E⟧')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
    expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u0000\u001b]/)
    expect(shown.isWellFormed()).toBe(true)
  }
})

test('an answer of a million characters is cut for people and whole in the report', () => {
  const long = `${'`*_[<\u202e word '.repeat(100_000).slice(0, 999_999)}!`
  const report = hostileReport(long)
  expect(report.questions[0]?.answer).toHaveLength(1_000_000)
  expect(renderMarkdown(report).length).toBeLessThan(500_000)
  expect(renderHtml(report).length).toBeLessThan(900_000)
  expect(renderMarkdown(report)).toContain('980000 more characters are in the JSON report')
})

test.each([
  ['1. x', '1\\. x'],
  ['# x', '\\# x'],
  ['- x', '\\- x'],
  ['a_b _c_', 'a_b \\_c\\_'],
  ['**x**', '\\*\\*x\\*\\*'],
  ['AT&T &amp;', 'AT\\&T \\&amp;'],
  ['https://x.example', 'https\\://x.example'],
  ['2,140 hours (port)', '2,140 hours (port)'],
])('escapes %j as %j', (from, to) => {
  expect(escapeLine(from)).toBe(to)
})

test('a link of an answer becomes its words and its address', () => {
  expect(inlines('see [the fees](https://marina.example) **now**')).toEqual([
    { kind: 'text', text: 'see the fees (https://marina.example) ' },
    { kind: 'strong', text: 'now' },
  ])
})
