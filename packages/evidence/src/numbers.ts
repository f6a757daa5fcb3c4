/** How a text writes its numbers, when it shows that somewhere beyond doubt. */
export type NumberStyle = 'decimal-comma' | 'decimal-point' | 'unknown'

/** Digits with separators, as `readingsOf` understands them. The caller looks at what stands around. */
export const NUMBER =
  "\\d{1,3}(?:[\\u00a0\\u202f\\u2009 ]\\d{3})+(?![\\d])(?:[.,]\\d{1,4})?|\\d{1,3}(?:['’]\\d{3})+(?:\\.\\d+)?|\\d+(?:[.,]\\d+)*"

/** `3.432,00` or `5 820,00` show a decimal comma; `5,820.00` or `0.19` a decimal point; both or neither: unknown. */
export function numberStyleOf(text: string): NumberStyle {
  const comma = /(?<![\d.,])(?:\d{1,3}(?:[.\u00a0\u202f\u2009 ]\d{3})+|\d+),\d{2}(?![\d,.]\d|\d)/.test(text)
  const point = /(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)\.\d{2}(?![\d.,/]\d|\d)/.test(text)
  return comma === point ? 'unknown' : comma ? 'decimal-comma' : 'decimal-point'
}

/**
 * What written digits can mean, as plain decimals: `1,240` and `1 240` are 1240; `1.240` is 1240 or 1.24 unless the
 * text shows how it writes numbers. Empty when it is no number (`1.2.3`).
 */
export function readingsOf(written: string, style: NumberStyle): string[] {
  const text = written.replace(/[\u00a0\u202f\u2009 '’]/g, '')
  const marks = [...text.matchAll(/[.,]/g)].map((mark) => mark[0])
  const last = marks.at(-1)
  if (last === undefined) return [plain(text, '')]
  const at = text.lastIndexOf(last)
  const whole = text.slice(0, at)
  const rest = text.slice(at + 1)
  const grouped = /^\d{1,3}(?:[.,]\d{3})*$/.test(whole) && rest.length === 3
  if (new Set(marks).size === 2) {
    // Both marks: the last one is the decimal mark, and the others must be groups of three.
    return marks.filter((mark) => mark === last).length === 1 && /^\d{1,3}(?:[.,]\d{3})+$/.test(whole)
      ? [plain(whole, rest)]
      : []
  }
  if (marks.length > 1) return grouped ? [plain(text, '')] : []
  const asWhole = plain(text, '')
  const asDecimal = plain(whole, rest)
  if (!grouped || whole === '0' || whole === '') return [asDecimal]
  if (last === '.') {
    return style === 'decimal-comma'
      ? [asWhole]
      : style === 'decimal-point'
        ? [asDecimal]
        : [asWhole, asDecimal]
  }
  return style === 'decimal-comma' ? [asWhole, asDecimal] : [asWhole]
}

function plain(whole: string, decimals: string): string {
  const digits = whole.replace(/\D/g, '').replace(/^0+(?=\d)/, '') || '0'
  const rest = decimals.replace(/0+$/, '')
  return rest === '' ? digits : `${digits}.${rest}`
}

/** Exact product of a plain decimal and a whole number. */
export function times(decimal: string, factor: bigint): string {
  const [whole = '0', decimals = ''] = decimal.split('.')
  const product = (BigInt(whole + decimals) * factor).toString().padStart(decimals.length + 1, '0')
  const at = product.length - decimals.length
  return plain(product.slice(0, at), product.slice(at))
}

/** Exact sum of two plain decimals without sign. */
export function plus(one: string, other: string): string {
  const scale = Math.max(one.split('.')[1]?.length ?? 0, other.split('.')[1]?.length ?? 0)
  const sum = (scaled(one, scale) + scaled(other, scale)).toString().padStart(scale + 1, '0')
  return plain(sum.slice(0, sum.length - scale), sum.slice(sum.length - scale))
}

/** Negative, zero or positive, as two plain decimals (a leading minus is allowed) compare. */
export function compareDecimals(one: string, other: string): number {
  const scale = Math.max(one.split('.')[1]?.length ?? 0, other.split('.')[1]?.length ?? 0)
  const difference = scaled(one, scale) - scaled(other, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

function scaled(decimal: string, scale: number): bigint {
  const [whole = '0', decimals = ''] = decimal.replace('-', '').split('.')
  const value = BigInt(whole + decimals.padEnd(scale, '0'))
  return decimal.startsWith('-') ? -value : value
}
