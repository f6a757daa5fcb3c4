import { describe, expect, it } from 'vitest'
import { passagesOf } from './passages.ts'
import { matchQuote, normaliseWhitespace } from './quotes.ts'
import { documentOf, sourceOf } from './testing/documents.ts'

const [passage] = passagesOf(documentOf('a', 'The fee is €5\u202f820,00, payable\non 1\u00a0April.'))
const quote = (text: string, at = 0) => ({ source: sourceOf('a'), passage: at, text })

describe('matchQuote', () => {
  it('finds exact words', () => {
    expect(matchQuote(quote('fee is €5\u202f820,00'), passage)).toBe('exact')
  })

  it('takes runs of any Unicode white space for one space', () => {
    expect(matchQuote(quote('  €5 820,00,\tpayable on 1 April. '), passage)).toBe('normalised')
  })

  it('changes nothing else: case, accents, hyphens and quotation marks must agree', () => {
    for (const text of ['the fee is', 'fee is EUR', 'fee  is €5820,00', 'fee was']) {
      expect(matchQuote(quote(text), passage)).toBe('absent')
    }
  })

  it('refuses an empty quote, another passage and evidence that is gone', () => {
    expect(matchQuote(quote(' \n '), passage)).toBe('absent')
    expect(matchQuote(quote('The fee', 1), passage)).toBe('absent')
    expect(matchQuote(quote('The fee'), undefined)).toBe('absent')
  })
})

describe('normaliseWhitespace', () => {
  it('trims both ends and is idempotent', () => {
    const once = normaliseWhitespace('\u2003a \r\n\t b\u3000')
    expect(once).toBe('a b')
    expect(normaliseWhitespace(once)).toBe(once)
  })
})
