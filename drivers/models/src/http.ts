import { type CallContext, fromFailure, garbage } from './errors.ts'

/** A redirect would carry the key to another host, so none is followed; it arrives as the status that it is. */
export const fetchWithoutRedirects: typeof fetch = (input, init) =>
  fetch(input, { ...init, redirect: 'manual' })

export interface Got {
  status: number
  /** Parsed; undefined when it is not JSON. */
  json: unknown
}

/** Statuses by which a server says that it has no such page, rather than that something is wrong. */
const ABSENT: ReadonlySet<number> = new Set([404, 405, 501])

/** A GET that costs nothing. Rejects with ModelError for every status but success and absence. */
export async function getJson(
  url: string,
  headers: Record<string, string>,
  context: CallContext,
  signal: AbortSignal,
): Promise<Got> {
  const response = await fetchWithoutRedirects(url, { headers, signal })
  const body = await response.text()
  if (!response.ok && !ABSENT.has(response.status)) {
    const failure = { status: response.status, headers: Object.fromEntries(response.headers), body }
    throw fromFailure(failure, context, Date.now())
  }
  try {
    return { status: response.status, json: JSON.parse(body) }
  } catch {
    if (response.ok && /^\s*</.test(body)) {
      throw garbage(context, `${url} answers with a web page; check the base URL`)
    }
    return { status: response.status, json: undefined }
  }
}

/** Ids of a model list in the form that Anthropic and OpenAI share: `{data: [{id}]}`; undefined when it is none. */
export function listedIds(json: unknown): string[] | undefined {
  if (typeof json !== 'object' || json === null || !('data' in json) || !Array.isArray(json.data))
    return undefined
  return json.data.flatMap((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'id' in entry && typeof entry.id === 'string'
      ? [entry.id]
      : [],
  )
}
