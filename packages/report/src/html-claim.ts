import { normaliseWhitespace } from '@infrafabric/evidence'
import { claimNote } from './claim-note.ts'
import { shortHash } from './collect-claims.ts'
import { SHOWN_MAX } from './digest.ts'
import { escapeHtml } from './escape-html.ts'
import type { ReportClaim, ReportQuote } from './report.ts'
import { IGNORED_MEANINGS, STATUS_SIGNS } from './status-words.ts'
import { cut, cutLine } from './visible.ts'

const IGNORED_MAX = 10

/** @param id of the element; null when the claim stands under its own id elsewhere. */
export function claimHtml(claim: ReportClaim, id: string | null): string {
  const note = claimNote(claim)
  const anchor = id === null ? '' : ` id="${id}"`
  const text = claim.text.trim() === '' ? '(a claim without words)' : cut(claim.text, SHOWN_MAX).text
  const disputed = claim.contradicts.length > 0
  return [
    `<article class="claim ${claim.status}" data-status="${claim.status}"${anchor}>`,
    `<p class="status"><b>${STATUS_SIGNS[claim.status]} ${claim.status}</b> · ${claim.id}${note === '' ? '' : ` · ${escapeHtml(note)}`}</p>`,
    `<p dir="auto">${escapeHtml(text)}</p>`,
    ...(disputed && claim.supports.length > 0 ? ['<p class="side">For it</p>'] : []),
    ...claim.supports.map((quote) => quoteHtml(quote, claim.text, disputed)),
    ...(disputed ? ['<p class="side">Against it</p>'] : []),
    ...claim.contradicts.map((quote) => quoteHtml(quote, claim.text, true)),
    ignoredHtml(claim),
    '</article>',
  ]
    .filter((line) => line !== '')
    .join('\n')
}

function quoteHtml(quote: ReportQuote, claim: string, open: boolean): string {
  const same = normaliseWhitespace(quote.text) === normaliseWhitespace(claim)
  const words = same ? 'word for word' : `<q dir="auto">${escapeHtml(cutLine(quote.text, 140))}</q>`
  const place = quote.place === '' ? '' : `, ${quote.place}`
  return [
    `<details class="quote"${open ? ' open' : ''}>`,
    `<summary>${words} — ${escapeHtml(cutLine(quote.name, 200))}${place}</summary>`,
    `<blockquote class="passage" dir="auto">${escapeHtml(quote.before)}<mark>${escapeHtml(cut(quote.text, SHOWN_MAX).text)}</mark>${escapeHtml(quote.after)}</blockquote>`,
    `<p class="where">${whereHtml(quote)}</p>`,
    '</details>',
  ].join('\n')
}

function whereHtml(quote: ReportQuote): string {
  const parts = [
    ...(quote.headings.length === 0
      ? []
      : [`under “${escapeHtml(cutLine(quote.headings.join(' › '), 300))}”`]),
    `sha256 <a href="#source-${shortHash(quote.source)}"><code>${shortHash(quote.source)}</code></a>`,
    quote.match === 'exact' ? 'exact words' : 'the same words, white space aside',
  ]
  return parts.join(' · ')
}

function ignoredHtml(claim: ReportClaim): string {
  const list = claim.ignored.filter((one) => one.reason !== 'repeated')
  if (list.length === 0) return ''
  const items = list
    .slice(0, IGNORED_MAX)
    .map(
      (one) =>
        `<li><q dir="auto">${escapeHtml(cutLine(one.text, 300))}</q> (${escapeHtml(cutLine(one.name, 200))}): ${escapeHtml(IGNORED_MEANINGS[one.reason])}</li>`,
    )
  const label = list.length === 1 ? '1 quote does not count' : `${list.length} quotes do not count`
  return `<details class="quote"><summary>${label}</summary>\n<ul class="small">\n${items.join('\n')}\n</ul>\n</details>`
}
