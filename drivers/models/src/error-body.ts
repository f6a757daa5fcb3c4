/** What a server says of an error, in the forms that providers use. */
export interface ErrorBody {
  message: string
  codes: string[]
}

const MESSAGE_CHARACTERS_MAX = 300

/** Reads `{error: {type, code, message, details: {error_code}}}`, `{error: "…"}` and `{message: "…"}`. */
export function readErrorBody(body: string): ErrorBody {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return { message: /^\s*</.test(body) ? '(a web page)' : shorten(body), codes: [] }
  }
  const top = asRecord(parsed)
  const inner = typeof top.error === 'string' ? { message: top.error } : asRecord(top.error)
  const details = asRecord(inner.details)
  const codes = [inner.type, inner.code, details.error_code, top.type]
  const message = inner.message ?? top.message ?? top.Message ?? top.detail
  return {
    message: typeof message === 'string' ? shorten(message) : '',
    codes: codes.filter((code) => typeof code === 'string'),
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= MESSAGE_CHARACTERS_MAX ? line : `${line.slice(0, MESSAGE_CHARACTERS_MAX)}…`
}
