import { ModelError } from '@infrafabric/ports'

/** A base URL without its final slash. Throws ModelError for one that no request can be sent to. */
export function baseUrlOf(name: string, text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw fault('invalid-request', `${name}: the base URL "${text}" is not an http or https address`)
  }
  // Not shown: it holds a password, and fetch would refuse it in words that repeat it.
  if (url.username !== '' || url.password !== '') {
    throw fault('invalid-request', `${name}: the base URL holds a user name or password; set a key instead`)
  }
  return text.replace(/\/+$/, '')
}

/** Refuses a key that is missing, or that cannot be in a header (a line break, a typographic quote from a copy). */
export function requireKey(name: string, key: string | undefined, remedy: string): void {
  if (key === undefined || key === '') throw fault('unauthorized', `${name}: no key; ${remedy}`)
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw fault(
      'unauthorized',
      `${name}: the key has a character that no key has, such as a line break; ${remedy}`,
    )
  }
}

function fault(code: 'invalid-request' | 'unauthorized', detail: string): ModelError {
  return new ModelError(code, detail, { billed: 'no' })
}
