import { type Claim, type EvidenceIndex, type Passage, sentencesOf } from '@infrafabric/evidence'
import { readable } from './readable.ts'

const LINES_MOST = 6
const TEXT_MOST = 1000

/** The passages behind the claims, whole, each under its headings and source: Markdown for people. */
export function digestOf(claims: readonly Claim[], index: EvidenceIndex): string {
  const parts: string[] = []
  const seen = new Set<string>()
  for (const claim of claims) {
    const quote = claim.supports[0]
    if (quote === undefined) continue
    const passage = index.passage(quote.source, quote.passage)
    const name = `${quote.source} ${quote.passage}`
    if (passage === undefined || seen.has(name)) continue
    seen.add(name)
    const quoted = claims.flatMap((one) =>
      one.supports.filter((own) => own.source === quote.source && own.passage === quote.passage),
    )
    parts.push(
      `**${titleOf(passage)}** (${whereOf(passage)})\n\n${quotedBlock(
        excerptOf(
          passage,
          quoted.map((one) => one.text),
        ),
      )}`,
    )
  }
  return parts.join('\n\n')
}

function titleOf(passage: Passage): string {
  const headings = passage.headings.slice(-2).map(readable)
  return headings.length === 0 ? (passage.name.split('/').at(-1) ?? passage.name) : headings.join(' › ')
}

function whereOf(passage: Passage): string {
  const { page, line, lineEnd } = passage.place
  const place =
    page !== undefined
      ? `, page ${page}`
      : line === undefined
        ? ''
        : lineEnd === undefined || lineEnd === line
          ? `, line ${line}`
          : `, lines ${line}–${lineEnd}`
  return passage.name + place
}

/** A passage of prose is shown whole; of a table, a list or a very long one, the lines that were quoted. */
function excerptOf(passage: Passage, quotes: readonly string[]): string {
  const lines = passage.text.split('\n').filter((line) => line.trim() !== '')
  const isTable = lines.filter((line) => /^(?:- |[^;:]{1,60}: )/.test(line)).length > lines.length / 2
  if (passage.text.length <= TEXT_MOST && (!isTable || lines.length <= LINES_MOST)) return passage.text
  const chosen = lines.filter((line) => quotes.some((quote) => line.includes(quote)))
  if (chosen.length === 0) return quotes.join('\n')
  if (chosen.join('\n').length <= TEXT_MOST) return chosen.join('\n')
  return chosen
    .map((line) =>
      line.length <= TEXT_MOST
        ? line
        : sentencesOf(line)
            .map(({ start, end }) => line.slice(start, end))
            .filter((sentence) => quotes.includes(sentence))
            .join(' … '),
    )
    .join('\n')
}

function quotedBlock(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line.trim() === ''
        ? '>'
        : `> ${line.startsWith('- ') ? line : line}${/^(?:- |>)/.test(line) ? '' : '  '}`.trimEnd(),
    )
    .join('\n')
}
