import { factsOf, type Passage } from '@infrafabric/evidence'

/** `column: value; column: value`. */
export function isRow(text: string): boolean {
  return cellCount(text) > 0 && !/[.!]$/.test(text)
}

export function cellCount(text: string): number {
  return text.match(/(?:^|; )[^;:\n]{1,60}: /g)?.length ?? 0
}

/** Without Markdown's emphasis and link targets, which mean nothing outside their page, and without a list's number. */
export function readable(text: string): string {
  return text
    .replace(/^\[!\w+\]\s*/, '')
    .replace(/!\[[^\]]{0,200}\]\([^)]{0,500}\)/g, '')
    .replace(/\[([^\]]{1,200})\]\([^)]{0,500}\)/g, '$1')
    .replace(/(\*\*|__|`)(?=\S)([^*_`]{1,300}?)(?<=\S)\1/g, '$2')
    .replace(/(?<![\p{L}\p{N}*_])([*_])(?=[^\s*_])([^*_\n]{1,300})(?<=\S)\1(?![\p{L}\p{N}*_])/gu, '$2')
    .replace(/^\d{1,2}[.)]\s+(?=\p{Lu})/u, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** A short row, or a sentence that begins with a pronoun, is told under its heading, when that adds no value of its own. */
export function readableInContext(text: string, passage: Passage): string {
  const heading = readable(passage.headings.at(-1) ?? '')
  const clean = readable(text)
  const needed =
    (isRow(clean) && clean.length < 80) || /^(?:It|They|Its|Their|This|These|He|She|His|Her)\b/.test(clean)
  // A letter's subject or a book's title says little about one of its sentences.
  if (!needed || heading === '' || heading.length > 60 || (passage.headings.length < 2 && !isRow(clean)))
    return clean
  if (factsOf(heading).some((fact) => fact.kind !== 'name')) return clean
  return clean.toLowerCase().startsWith(heading.toLowerCase()) ? clean : `${heading}: ${clean}`
}
