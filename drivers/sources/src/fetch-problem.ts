import { SourceError, type SourceProblemCode } from './source.ts'

/** What Node's network says, in our words. Nothing else looks at its codes. */
const CODES: Record<string, [SourceProblemCode, string]> = {
  ENOTFOUND: ['unreachable', 'its host was not found. Check the spelling and the network connection'],
  EAI_AGAIN: ['unreachable', 'its host could not be looked up. Check the network connection'],
  ECONNREFUSED: ['unreachable', 'its server refuses connections. Check the address, or try again later'],
  ECONNRESET: ['unreachable', 'its server broke the connection off. Try again later'],
  EPIPE: ['unreachable', 'its server broke the connection off. Try again later'],
  EHOSTUNREACH: ['unreachable', 'its server cannot be reached. Check the network connection'],
  ENETUNREACH: ['unreachable', 'its server cannot be reached. Check the network connection'],
  ETIMEDOUT: ['slow', 'its server does not answer. Try again later'],
  CERT_HAS_EXPIRED: [
    'insecure',
    'its certificate has expired. Tell its owner; save the page as a file and name that',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: ['insecure', 'its certificate is for another host. Check the address'],
  Z_DATA_ERROR: ['corrupt', 'its compressed answer is damaged. Try again later'],
  Z_BUF_ERROR: ['corrupt', 'its compressed answer ends too soon. Try again later'],
}

export function fetchProblem(name: string, error: unknown): SourceError {
  if (error instanceof SourceError)
    return error.message.includes(name)
      ? error
      : new SourceError(error.code, `${name}: ${error.message}`, { cause: error })
  const code = codeOf(error)
  const [problem, why] = CODES[code] ?? byKind(code)
  return new SourceError(problem, `${name} could not be read: ${why}.`, { cause: error })
}

function byKind(code: string): [SourceProblemCode, string] {
  if (/CERT|SIGNATURE|ISSUER|SELF_SIGNED/.test(code))
    return ['insecure', `its certificate does not verify (${code}). Save the page as a file and name that`]
  if (/^ERR_SSL|^ERR_TLS|EPROTO/.test(code))
    return ['insecure', `no secure connection could be made (${code}). Save the page as a file and name that`]
  if (/BROTLI|^ERR__ERROR_FORMAT|^ERR_/.test(code) && /FORMAT|PADDING|BROTLI/.test(code))
    return ['corrupt', 'its compressed answer is damaged. Try again later']
  return ['unreachable', `the connection failed (${code}). Try again later`]
}

/** Several addresses that all failed come as one error with the others inside. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0])
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.message : String(error)
}
