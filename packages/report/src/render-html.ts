import { formatUsd } from '@infrafabric/session'
import { shortHash } from './collect-claims.ts'
import { isDigest, isShort, shortened } from './digest.ts'
import { disputesOf, questionList } from './disputes.ts'
import { count } from './ending.ts'
import { escapeHtml } from './escape-html.ts'
import { answerHtml } from './html-answer.ts'
import { SCRIPT, SCRIPT_HASH, STYLE, STYLE_HASH } from './html-assets.ts'
import { claimHtml } from './html-claim.ts'
import { formatInstant } from './instant.ts'
import { billSentences, USAGE_HEADERS, usageCells } from './render-bill.ts'
import type { Question, Report, ReportClaim } from './report.ts'
import { STATUS_MEANINGS, STATUS_SIGNS, STATUSES } from './status-words.ts'
import { countLines } from './summary.ts'
import { cutLine } from './visible.ts'

interface Section {
  id: string
  title: string
  html: string
}

/** The report as one HTML file that loads nothing, runs without JavaScript too, and prints. */
export function renderHtml(report: Report): string {
  const byId = new Map(report.claims.map((claim) => [claim.id, claim]))
  const sections = [
    ...(isShort(report.synthesis?.answer ?? '')
      ? [synthesis(report, byId), disputed(report)]
      : [disputed(report), synthesis(report, byId)]),
    answers(report, byId),
    withoutEvidence(report),
    notDone(report),
    evidence(report),
    bill(report),
    record(report),
  ].filter((section) => section !== null)
  const policy = `default-src 'none'; style-src '${STYLE_HASH}'; script-src '${SCRIPT_HASH}'; base-uri 'none'; form-action 'none'`
  const title = escapeHtml(cutLine(report.title, 300))
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<div class="page">
<header>
<p class="kind ui">Report of the mission ${escapeHtml(report.mission)}</p>
<h1 dir="auto">${title}</h1>
${opening(report)}
</header>
${contents(sections, report)}
${filter(report)}
<main id="main">
${sections.map(({ id, title, html }) => `<section id="${id}" aria-labelledby="${id}-title">\n<h2 id="${id}-title">${title}</h2>\n${html}\n</section>`).join('\n')}
</main>
<footer>
<p>Statuses are computed from the quoted bytes, never taken from what an agent says of itself.</p>
</footer>
</div>
<script>${SCRIPT}</script>
</body>
</html>
`
}

function opening(report: Report): string {
  const { ending } = report
  const details =
    ending.details.length === 0
      ? ''
      : `\n<div class="details">\n${ending.details.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}\n</div>`
  const counts = countLines(report).map((line) => `<li>${escapeHtml(line)}</li>`)
  return `<p class="ending ui">${escapeHtml(ending.headline)}</p>${details}\n<ul class="counts">\n${counts.join('\n')}\n</ul>`
}

function contents(sections: readonly Section[], report: Report): string {
  const items = sections.map(({ id, title }) => {
    const inner =
      id !== 'answers'
        ? ''
        : `\n<ol>\n${report.questions
            .filter((question) => question.state === 'answered')
            .map(
              ({ number, question }) =>
                `<li value="${number}"><a href="#q${number}">${escapeHtml(cutLine(question, 120))}</a></li>`,
            )
            .join('\n')}\n</ol>\n`
    return `<li><a href="#${id}">${title}</a>${inner}</li>`
  })
  return `<nav aria-label="Contents">\n<details>\n<summary>Contents</summary>\n<ul>\n${items.join('\n')}\n</ul>\n</details>\n</nav>`
}

function filter({ counts, claims }: Report): string {
  if (claims.length === 0) return ''
  const boxes = STATUSES.filter((status) => counts[status] > 0).map(
    (status) =>
      `<label class="${status}"><input type="checkbox" value="${status}" checked> <span class="status"><b>${STATUS_SIGNS[status]} ${status}</b> (${counts[status]})</span></label>`,
  )
  return `<fieldset class="filter ui">\n<legend>Show claims that are</legend>\n${boxes.join('\n')}\n<span id="shown" class="small" role="status"></span>\n</fieldset>`
}

function synthesis({ synthesis }: Report, byId: Map<string, ReportClaim>): Section | null {
  if (synthesis === null) return null
  const text = answerHtml(shortened(synthesis.answer))
  const short = isShort(synthesis.answer)
  const own = synthesis.claims
    .filter((id) => id.startsWith('S.'))
    .flatMap((id) => byId.get(id) ?? [])
    .filter((claim) => claim.status !== 'disputed')
  const parts = [
    short ? text : `<details>\n<summary>Show the list</summary>\n${text}\n</details>`,
    ...own.map((claim) => claimHtml(claim, anchorOf(claim.id))),
  ].filter((part) => part !== '')
  if (parts.length === 0) return null
  return { id: 'in-short', title: short ? 'In short' : 'Findings at a glance', html: parts.join('\n') }
}

function disputed(report: Report): Section | null {
  const byId = new Map(report.claims.map((claim) => [claim.id, claim]))
  const disputes = disputesOf(report).map(({ claim, same, questions }) => {
    const others = same.flatMap((id) => byId.get(id) ?? []).map((one) => claimHtml(one, anchorOf(one.id)))
    const places =
      questions.length === 0
        ? ''
        : `\n<p class="small ui">Stated in the answer to ${questionList(questions)}.</p>`
    const mirrored =
      others.length === 0
        ? ''
        : `\n<details class="ui">\n<summary>The same dispute from the other side</summary>\n${others.join('\n')}\n</details>`
    return claimHtml(claim, anchorOf(claim.id)) + places + mirrored
  })
  if (disputes.length === 0) return null
  return { id: 'disputed', title: 'Where the sources disagree', html: disputes.join('\n') }
}

function answers(report: Report, byId: Map<string, ReportClaim>): Section | null {
  const list = report.questions.filter((question) => question.state === 'answered')
  if (list.length === 0) return null
  return { id: 'answers', title: 'Answers', html: list.map((question) => answer(question, byId)).join('\n') }
}

function answer(question: Question, byId: Map<string, ReportClaim>): string {
  const claims = question.claims.flatMap((id) => byId.get(id) ?? [])
  const disputes = claims
    .filter((claim) => claim.status === 'disputed')
    .map(
      (claim) =>
        `<p class="claim disputed ui small" data-status="disputed"><b>${STATUS_SIGNS.disputed} disputed</b> · <a href="#${anchorOf(claim.id)}">${claim.id}</a> ${escapeHtml(cutLine(claim.text, 300))}</p>`,
    )
  const told = answerHtml(shortened(question.answer))
  const digest = isDigest(question.answer)
  return [
    `<h3 id="q${question.number}" dir="auto">${question.number}. ${escapeHtml(cutLine(question.question, 1_000))}</h3>`,
    digest ? '' : told,
    ...disputes,
    question.data === undefined
      ? ''
      : `<pre><code>${escapeHtml(shortened(JSON.stringify(question.data, null, 2)))}</code></pre>`,
    ...claims
      .filter((claim) => claim.status !== 'disputed')
      .map((claim) => claimHtml(claim, anchorOf(claim.id))),
    question.alsoStates.length === 0
      ? ''
      : `<p class="small ui">See also ${references(question.alsoStates, byId)}.</p>`,
    digest ? `<details>\n<summary>In the words of the evidence</summary>\n${told}\n</details>` : '',
  ]
    .filter((part) => part !== '')
    .join('\n')
}

function references(ids: readonly string[], byId: Map<string, ReportClaim>): string {
  return ids
    .map((id) => {
      const status = byId.get(id)?.status ?? 'missing'
      return `<a href="#${anchorOf(id)}">claim ${id}</a> (${STATUS_SIGNS[status]} ${status})`
    })
    .join(', ')
}

function withoutEvidence({ questions }: Report): Section | null {
  const list = questions.filter((question) => question.state === 'without-evidence')
  if (list.length === 0) return null
  const items = list.map(({ number, question, answer }) => {
    const opinion =
      answer.trim() === ''
        ? ''
        : `\n<details>\n<summary>The agent's answer, without evidence that counts</summary>\n${answerHtml(shortened(answer))}\n</details>`
    return `<li value="${number}" id="q${number}" dir="auto">${escapeHtml(cutLine(question, 1_000))}${opinion}</li>`
  })
  return {
    id: 'without-evidence',
    title: 'Questions without evidence',
    html: `<p>Nothing in the evidence was found to answer these.</p>\n<ol>\n${items.join('\n')}\n</ol>`,
  }
}

function notDone({ questions }: Report): Section | null {
  const list = questions.filter(({ state }) => state === 'failed' || state === 'skipped' || state === 'open')
  if (list.length === 0) return null
  const items = list.map(
    ({ number, question, state, reason }) =>
      `<li value="${number}" id="q${number}" dir="auto">${escapeHtml(cutLine(question, 1_000))}<br><span class="small">${state}${reason === null ? '' : `: ${escapeHtml(reason)}`}</span></li>`,
  )
  return { id: 'not-done', title: 'Not done', html: `<ol>\n${items.join('\n')}\n</ol>` }
}

function evidence(report: Report): Section | null {
  const { unusable } = report
  if (report.evidence.length === 0 && unusable.length === 0) return null
  const anchored = new Set<string>()
  const items = report.evidence.map((item) => {
    const anchor = anchored.has(item.sha256) ? '' : ` id="source-${shortHash(item.sha256)}"`
    anchored.add(item.sha256)
    const facts = [
      escapeHtml(item.mediaType),
      count(item.bytes, 'byte'),
      ...(item.accessedAt === null ? [] : [`read ${formatInstant(item.accessedAt)}`]),
      item.quotedBy === 0 ? 'not quoted' : `quoted by ${count(item.quotedBy, 'claim')}`,
    ]
    return `<li${anchor}><span dir="auto">${escapeHtml(cutLine(item.name, 300))}</span><br><span class="small">${facts.join(' · ')}</span><br><code class="hash">sha256 ${item.sha256}</code></li>`
  })
  const faults = unusable.map(
    (fault) =>
      `<li><span dir="auto">${escapeHtml(cutLine(fault.name, 300))}</span><br><span class="small">${escapeHtml(cutLine(fault.detail || fault.code, 500))}</span></li>`,
  )
  const meanings = STATUSES.map(
    (status) =>
      `<li class="status ${status}"><b>${STATUS_SIGNS[status]} ${status}</b>: ${STATUS_MEANINGS[status]}</li>`,
  )
  return {
    id: 'evidence',
    title: 'Evidence',
    html: [
      items.length === 0 ? '' : `<ul class="sources">\n${items.join('\n')}\n</ul>`,
      faults.length === 0
        ? ''
        : `<h3>Could not be used</h3>\n<ul class="sources">\n${faults.join('\n')}\n</ul>`,
      `<h3>What the signs mean</h3>\n<ul>\n${meanings.join('\n')}\n</ul>`,
    ]
      .filter((part) => part !== '')
      .join('\n'),
  }
}

function bill({ bill }: Report): Section {
  const sentences = billSentences(bill).map((line) => `<p>${escapeHtml(line)}</p>`)
  const models = bill.free
    ? ''
    : grid(
        ['model', ...USAGE_HEADERS],
        bill.models.map((line) => [line.model, ...usageCells(line)]),
      )
  return { id: 'bill', title: 'Bill', html: [...sentences, models].filter((part) => part !== '').join('\n') }
}

function record({ record, bill }: Report): Section {
  const { fingerprints } = record
  const costs = new Map(bill.tasks.map((task) => [task.task, task.micros]))
  const facts = [
    `Session <code>${escapeHtml(record.session)}</code>, coordinator epochs: ${record.epochs}`,
    `Opened ${formatInstant(record.openedAt)}, last event ${formatInstant(record.at)}`,
    `Written by ${escapeHtml(record.generatedBy)}`,
    ...(fingerprints === null
      ? []
      : [
          `Operator <code>${escapeHtml(fingerprints.operator)}</code>`,
          `Journal of ${fingerprints.entries} entries, head <code>${escapeHtml(fingerprints.journalHead)}</code>`,
        ]),
  ]
  const pinned =
    fingerprints === null
      ? ''
      : `<p>To make sure who ran it:</p>\n<pre><code>infrafabric verify ${escapeHtml(record.session)} --operator ${escapeHtml(fingerprints.operator)}</code></pre>`
  return {
    id: 'session-record',
    title: 'Session record',
    html: [
      '<p class="small">Times, names and counts of this one run. Two runs that found the same differ only here.</p>',
      `<ul>\n${facts.map((fact) => `<li>${fact}</li>`).join('\n')}\n</ul>`,
      `<p>To check every signature, quote, status and sum:</p>\n<pre><code>infrafabric verify ${escapeHtml(record.session)}</code></pre>`,
      pinned,
      bill.agents.length === 0
        ? ''
        : `<details>\n<summary>Agents</summary>\n${grid(
            ['agent', 'model', 'attempts', ...USAGE_HEADERS],
            bill.agents.map((line) => [line.agent, line.model, String(line.attempts), ...usageCells(line)]),
          )}\n</details>`,
      `<details>\n<summary>Tasks</summary>\n${grid(
        ['task', 'state', 'agent', 'attempts', 'cost', 'failed attempts'],
        record.tasks.map((task) => [
          task.task,
          task.state,
          task.agent ?? '',
          String(task.attempts),
          formatUsd(costs.get(task.task) ?? 0),
          task.failures.map((one) => `${one.attempt}: ${one.code} (${one.agent})`).join('; '),
        ]),
      )}\n</details>`,
    ]
      .filter((part) => part !== '')
      .join('\n'),
  }
}

function grid(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = headers.map((header) => `<th scope="col">${escapeHtml(header)}</th>`).join('')
  const body = rows.map(
    (row) =>
      `<tr>${row.map((cell) => `<td${/^\$?[\d.]+$/.test(cell) ? ' class="n"' : ''}>${escapeHtml(cell)}</td>`).join('')}</tr>`,
  )
  return `<div class="scroll" tabindex="0" role="region" aria-label="Table: ${escapeHtml(headers[0] ?? '')}">\n<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body.join('\n')}\n</tbody>\n</table>\n</div>`
}

function anchorOf(claim: string): string {
  return `claim-${claim.replace('.', '-')}`
}
