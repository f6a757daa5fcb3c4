import { normaliseWhitespace } from '@infrafabric/evidence'
import { formatUsd } from '@infrafabric/session'
import { type AnswerBlock, answerBlocks, type Inline, inlines } from './answer-blocks.ts'
import { claimNote } from './claim-note.ts'
import { shortHash } from './collect-claims.ts'
import { isDigest, isShort, SHOWN_MAX, shortened, shownWords } from './digest.ts'
import { disputesOf, questionList } from './disputes.ts'
import { count } from './ending.ts'
import { codeBlock, codeSpan, escapeLine, quoteBlock } from './escape-markdown.ts'
import { formatInstant } from './instant.ts'
import { billSentences, USAGE_HEADERS, usageCells } from './render-bill.ts'
import type { Question, Report, ReportClaim, ReportQuote } from './report.ts'
import { IGNORED_MEANINGS, STATUS_MEANINGS, STATUS_SIGNS, STATUSES } from './status-words.ts'
import { countLines } from './summary.ts'
import { cutLine, visible } from './visible.ts'

/** The report as Markdown. Everything before the section "Session record" is free of times, agents and attempts. */
export function renderMarkdown(report: Report): string {
  const byId = new Map(report.claims.map((claim) => [claim.id, claim]))
  const sections = [
    head(report),
    ...summaryFirst(report, synthesis(report), disputed(report)),
    ...answers(report, byId),
    withoutEvidence(report),
    notDone(report),
    evidence(report),
    bill(report),
    record(report),
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

function head(report: Report): string {
  const details = report.ending.details.map((line) => `> ${escapeLine(line)}`)
  return [
    `# ${escapeLine(cutLine(report.title, 300))}`,
    `**${escapeLine(report.ending.headline)}**`,
    ...(details.length > 0 ? [details.join('\n>\n')] : []),
    countLines(report)
      .map((line) => `- ${line}`)
      .join('\n'),
  ].join('\n\n')
}

function summaryFirst({ synthesis }: Report, summary: string, disputes: string): string[] {
  return isShort(synthesis?.answer ?? '') ? [summary, disputes] : [disputes, summary]
}

function synthesis({ synthesis }: Report): string {
  if (synthesis === null || synthesis.answer.trim() === '') return ''
  const title = isShort(synthesis.answer) ? 'In short' : 'Findings at a glance'
  return `## ${title}\n\n${answerText(synthesis.answer)}`
}

function disputed(report: Report): string {
  const disputes = disputesOf(report)
  if (disputes.length === 0) return ''
  const parts = disputes.map(({ claim, same, questions }) => {
    const places = [
      ...(questions.length > 0 ? [`Stated in the answer to ${questionList(questions)}.`] : []),
      ...(same.length > 0 ? [`The same dispute: claim ${same.join(', claim ')}.`] : []),
    ]
    return [
      `**${claim.id}** ${escapeLine(cutLine(claim.text, SHOWN_MAX))}${note(claim)}`,
      ...(claim.supports.length > 0 ? ['For it:', ...claim.supports.map(quoted)] : []),
      'Against it:',
      ...claim.contradicts.map(quoted),
      ...(places.length > 0 ? [places.join(' ')] : []),
    ].join('\n\n')
  })
  return `## Where the sources disagree\n\n${parts.join('\n\n')}`
}

function answers(report: Report, byId: Map<string, ReportClaim>): string[] {
  const list = report.questions.filter((question) => question.state === 'answered')
  const alone = (report.synthesis?.claims ?? []).flatMap((id) => {
    const claim = byId.get(id)
    return claim !== undefined && id.startsWith('S.') ? [claim] : []
  })
  if (list.length === 0 && alone.length === 0) return []
  const own =
    alone.length === 0
      ? []
      : ['### What the summary adds', ...alone.map((claim) => claimText(claim, '', 'above'))]
  return ['## Answers', ...list.map((question) => answer(question, byId)), ...own]
}

function answer(question: Question, byId: Map<string, ReportClaim>): string {
  const digest = isDigest(question.answer)
  const shown = shownWords(question.answer)
  const claims = question.claims
    .flatMap((id) => byId.get(id) ?? [])
    .map((claim) => claimText(claim, shown, digest ? 'below' : 'above'))
  if (question.alsoStates.length > 0) claims.push(`See also ${crossReferences(question.alsoStates, byId)}.`)
  const text = question.answer.trim() === '' ? [] : [answerText(question.answer)]
  if (question.data !== undefined) text.push(codeBlock(shortened(JSON.stringify(question.data, null, 2))))
  return [
    `### ${question.number}. ${escapeLine(cutLine(question.question, 1_000))}`,
    ...(digest ? [...claims, '*In the words of the evidence:*', ...text] : [...text, ...claims]),
  ].join('\n\n')
}

function crossReferences(ids: readonly string[], byId: Map<string, ReportClaim>): string {
  return ids
    .map((id) => {
      const status = byId.get(id)?.status
      return status === undefined ? id : `claim ${id} (${STATUS_SIGNS[status]} ${status})`
    })
    .join(', ')
}

/** @param shown the answer's words: what stands there already is named and not said again. */
function claimText(claim: ReportClaim, shown: string, place: 'above' | 'below'): string {
  const text =
    claim.text.trim() === '' ? '(a claim without words)' : escapeLine(cutLine(claim.text, SHOWN_MAX))
  const first = `**${claim.id}** ${STATUS_SIGNS[claim.status]} ${claim.status}: ${text}${note(claim)}`
  if (claim.status === 'disputed')
    return `${first}\n\nBoth sides are quoted under “Where the sources disagree”.`
  const named: string[] = []
  const told: string[] = []
  for (const quote of claim.supports) {
    const words = normaliseWhitespace(quote.text)
    const same = words === normaliseWhitespace(claim.text)
    if (same || shown.includes(words))
      named.push(`> — ${where(quote)}, ${same ? 'word for word' : `quoted ${place}`}`)
    else told.push(quoted(quote))
  }
  const ignored = claim.ignored
    .filter((one) => one.reason !== 'repeated')
    .slice(0, 10)
    .map(
      (one) =>
        `- does not count: “${escapeLine(cutLine(one.text, 300))}” (${codeSpan(cutLine(one.name, 200))}): ${IGNORED_MEANINGS[one.reason]}`,
    )
  return [first, [...new Set(named)].join('  \n'), ...told, ignored.join('\n')]
    .filter((part) => part !== '')
    .join('\n\n')
}

function note(claim: ReportClaim): string {
  const text = claimNote(claim)
  return text === '' ? '' : ` (${escapeLine(text)})`
}

function quoted(quote: ReportQuote): string {
  const lines = visible(shortened(quote.text))
    .split('\n')
    .map((line) => escapeLine(line))
  return `${quoteBlock(lines)}\n>\n> — ${where(quote)}`
}

function where(quote: ReportQuote): string {
  const place = quote.place === '' ? '' : `, ${quote.place}`
  const under =
    quote.headings.length === 0
      ? ''
      : `, under “${escapeLine(cutLine(quote.headings.slice(-2).join(' › '), 160))}”`
  return `${codeSpan(cutLine(quote.name, 200))}${place}${under} (${shortHash(quote.source)})`
}

function withoutEvidence({ questions }: Report): string {
  const list = questions.filter((question) => question.state === 'without-evidence')
  if (list.length === 0) return ''
  const items = list.map((question) => {
    const title = `- **${question.number}.** ${escapeLine(cutLine(question.question, 1_000))}`
    return question.answer.trim() === ''
      ? title
      : `${title}\n\n  The agent answered without evidence that counts; take it as its opinion:\n\n${answerText(
          question.answer,
        )
          .split('\n')
          .map((line) => (line === '' ? '' : `  > ${line}`))
          .join('\n')}`
  })
  return `## Questions without evidence\n\nNothing in the evidence was found to answer these.\n\n${items.join('\n')}`
}

function notDone({ questions }: Report): string {
  const list = questions.filter(({ state }) => state === 'failed' || state === 'skipped' || state === 'open')
  if (list.length === 0) return ''
  const items = list.map(
    ({ number, question, state, reason }) =>
      `- **${number}.** ${escapeLine(cutLine(question, 1_000))}  \n  ${state}${reason === null ? '' : `: ${escapeLine(reason)}`}`,
  )
  return `## Not done\n\n${items.join('\n')}`
}

function evidence(report: Report): string {
  const parts: string[] = []
  if (report.evidence.length > 0) {
    const items = report.evidence.map((item) => {
      const facts = [
        escapeLine(item.mediaType),
        count(item.bytes, 'byte'),
        ...(item.accessedAt === null ? [] : [`read ${formatInstant(item.accessedAt)}`]),
        item.quotedBy === 0 ? 'not quoted' : `quoted by ${count(item.quotedBy, 'claim')}`,
      ]
      return `- ${codeSpan(cutLine(item.name, 300))}: ${facts.join(', ')}  \n  sha256 \`${item.sha256}\``
    })
    parts.push(`## Evidence\n\n${items.join('\n')}`)
  }
  if (report.unusable.length > 0) {
    const items = report.unusable.map(
      (fault) =>
        `- ${codeSpan(cutLine(fault.name, 300))}: ${escapeLine(cutLine(fault.detail || fault.code, 500))}`,
    )
    parts.push(`## Evidence that could not be used\n\n${items.join('\n')}`)
  }
  if (report.claims.length > 0) {
    const meanings = STATUSES.map(
      (status) => `- ${STATUS_SIGNS[status]} ${status}: ${STATUS_MEANINGS[status]}`,
    )
    parts.push(`## What the signs mean\n\n${meanings.join('\n')}`)
  }
  return parts.join('\n\n')
}

function bill(report: Report): string {
  const sentences = billSentences(report.bill).map(escapeLine)
  if (report.bill.free) return `## Bill\n\n${sentences.join(' ')}`
  return `## Bill\n\n${sentences.join('\n\n')}\n\n${gridOf(
    ['model', ...USAGE_HEADERS],
    report.bill.models.map((line) => [codeSpan(line.model), ...usageCells(line)]),
  )}`
}

function record({ record, bill }: Report): string {
  const parts = [
    '## Session record',
    'Times, names and counts of this one run. Two runs that found the same differ only here.',
    [
      `- session ${codeSpan(record.session)}, coordinator epochs: ${record.epochs}`,
      `- opened ${formatInstant(record.openedAt)}, last event ${formatInstant(record.at)}`,
      `- written by ${escapeLine(record.generatedBy)}`,
      ...(record.fingerprints === null
        ? []
        : [
            `- operator ${codeSpan(record.fingerprints.operator)}`,
            `- journal: ${count(record.fingerprints.entries, 'entry').replace('entrys', 'entries')}, head ${codeSpan(record.fingerprints.journalHead)}`,
          ]),
    ].join('\n'),
    `To check every signature, quote, status and sum: ${codeSpan(`infrafabric verify ${record.session}`)}${
      record.fingerprints === null
        ? '.'
        : `; to make sure who ran it: ${codeSpan(`infrafabric verify ${record.session} --operator ${record.fingerprints.operator}`)}.`
    }`,
  ]
  if (bill.agents.length > 0) {
    parts.push(
      gridOf(
        ['agent', 'model', 'attempts', ...USAGE_HEADERS],
        bill.agents.map((line) => [
          line.agent,
          codeSpan(line.model),
          String(line.attempts),
          ...usageCells(line),
        ]),
      ),
    )
  }
  if (record.tasks.length > 0) {
    const costs = new Map(bill.tasks.map((task) => [task.task, task.micros]))
    parts.push(
      gridOf(
        ['task', 'state', 'agent', 'attempts', 'cost', 'failed attempts'],
        record.tasks.map((task) => [
          codeSpan(task.task),
          task.state,
          task.agent ?? '',
          String(task.attempts),
          formatUsd(costs.get(task.task) ?? 0),
          task.failures.map((one) => `${one.attempt}: ${one.code} (${one.agent})`).join('; '),
        ]),
      ),
    )
  }
  return parts.join('\n\n')
}

/** Cells are Markdown already. */
function gridOf(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(headers), `|${headers.map(() => ' --- |').join('')}`, ...rows.map(line)].join('\n')
}

function answerText(markdown: string): string {
  return answerBlocks(visible(shortened(markdown)))
    .map(block)
    .join('\n\n')
}

function block(one: AnswerBlock): string {
  switch (one.kind) {
    case 'paragraph':
      return quoteBlock(one.lines.map(inline), '')
    case 'heading':
      return `**${escapeLine(one.lines.join(' ').replace(/[*`]/g, ''))}**`
    case 'quote':
      return quoteBlock(one.lines.map(inline))
    case 'code':
      return codeBlock(one.text)
    case 'list':
      return one.items
        .map(
          (item) =>
            `${'   '.repeat(item.depth)}${item.number === null ? '-' : `${item.number}.`} ${inline(item.text)}`,
        )
        .join('\n')
  }
}

function inline(line: string): string {
  return inlines(line)
    .map((part, at) => span(part, at === 0))
    .join('')
}

function span(part: Inline, first: boolean): string {
  if (part.kind === 'code') return codeSpan(part.text)
  if (part.kind === 'text') {
    // Only at the line's start do white space and a hyphen mean something.
    const escaped = escapeLine(first ? part.text : `"${part.text}"`)
    if (!first) return escaped.slice(1, -1)
    return part.text.endsWith(' ') ? `${escaped} ` : escaped
  }
  const mark = part.kind === 'strong' ? '**' : '*'
  const text = escapeLine(part.text)
  return text === '' ? '' : `${mark}${text}${mark}`
}
