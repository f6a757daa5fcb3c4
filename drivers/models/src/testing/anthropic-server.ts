import { type Fault, type RecordedRequest, type Reply, startLoopback } from './loopback.ts'
import { type NumberedPassage, readPassages } from './passages.ts'

/** A call of `POST /v1/messages`, as the function that answers it sees it. */
export interface AnthropicCall {
  /** From 1, over the life of the server. */
  number: number
  model: string
  system: string
  prompt: string
  /** Of `output_config.format`, or of the tool the model is made to use; left out: text is wanted. */
  schema?: Record<string, unknown>
  outputTokensMax: number
  /** Lines of the prompt that begin with `[7]` or the like. */
  passages: NumberedPassage[]
  request: RecordedRequest
}

/** Tokens as the Messages API counts them: `input_tokens` without what was read from or written to a cache. */
export interface AnthropicUsage {
  input_tokens: number
  output_tokens: number
  cache_creation_input_tokens?: number
  cache_read_input_tokens?: number
  output_tokens_details?: { thinking_tokens: number }
}

export interface AnthropicServerOptions {
  /** An object is sent as JSON, as a forced tool call where the request has one; a string as it is. */
  respond: (call: AnthropicCall) => unknown
  /** Instead of the answer. */
  faults?: (call: AnthropicCall) => Fault | undefined
  /** Left out: a token for every four characters of the request's body and of the answer. null: none reported. */
  usage?: (call: AnthropicCall, answer: string) => AnthropicUsage | null
  /** Other models do not exist. Left out: any does. */
  models?: string[]
  /** Another key is refused. Left out: any will do. */
  apiKey?: string
  /** Added to every answer, as in `anthropic-ratelimit-requests-remaining`. */
  headers?: Record<string, string>
  /** How long an answer takes. */
  latencyMs?: number
}

export interface AnthropicServer {
  /** For `ANTHROPIC_BASE_URL`. */
  url: string
  /** Calls of `/v1/messages` that reached `respond` or a fault. */
  calls: AnthropicCall[]
  /** Usage of every answer sent, in order: what a provider would bill. */
  billed: AnthropicUsage[]
  /** Every request, whatever its path. */
  requests: RecordedRequest[]
  close(): Promise<void>
}

const TOOL_USE_ID = 'toolu_01loopback'

/** A loopback server that speaks Anthropic's Messages API (2023-06-01, not streamed) and reports real usage. */
export async function startAnthropicServer(options: AnthropicServerOptions): Promise<AnthropicServer> {
  const calls: AnthropicCall[] = []
  const billed: AnthropicUsage[] = []
  const wholes = new Map<RecordedRequest, Reply>()

  async function answer(request: RecordedRequest): Promise<Reply | Fault> {
    if (options.apiKey !== undefined && request.headers['x-api-key'] !== options.apiKey) {
      return refusal(401, 'authentication_error', 'invalid x-api-key')
    }
    if (request.method === 'GET') return models(request, options.models)
    if (request.method !== 'POST' || request.path !== '/v1/messages')
      return refusal(404, 'not_found_error', 'Not Found')
    const call = readCall(request, calls.length + 1)
    if (call === undefined)
      return refusal(400, 'invalid_request_error', 'messages: at least one message is required')
    if (options.models !== undefined && !options.models.includes(call.model)) {
      return refusal(404, 'not_found_error', `model: ${call.model}`)
    }
    calls.push(call)
    if (options.latencyMs !== undefined)
      await new Promise((resolve) => setTimeout(resolve, options.latencyMs))
    const { reply, usage } = await message(call, options)
    wholes.set(request, reply)
    const fault = options.faults?.(call)
    if (fault !== undefined) return fault
    if (usage !== null) billed.push(usage)
    return reply
  }

  const loopback = await startLoopback(answer, (request) => wholes.get(request) ?? { status: 200, body: {} })
  return { ...loopback, calls, billed }
}

async function message(
  call: AnthropicCall,
  options: AnthropicServerOptions,
): Promise<{ reply: Reply; usage: AnthropicUsage | null }> {
  const said = await options.respond(call)
  const full = typeof said === 'string' ? said : JSON.stringify(said)
  // As the real service does: an answer longer than it may be is cut, whatever that makes of its JSON.
  const text = full.slice(0, call.outputTokensMax * CHARACTERS_PER_TOKEN)
  const cut = text.length < full.length
  const usage =
    options.usage === undefined
      ? { input_tokens: tokensOf(call.request.body), output_tokens: tokensOf(text) }
      : options.usage(call, text)
  const asTool = !cut && typeof said !== 'string' && wantsTool(call.request)
  const content = asTool
    ? [{ type: 'tool_use', id: TOOL_USE_ID, name: 'json', input: said }]
    : [{ type: 'text', text, citations: null }]
  const body = {
    id: `msg_loopback_${call.number}`,
    type: 'message',
    role: 'assistant',
    model: call.model,
    content,
    stop_reason: cut ? 'max_tokens' : asTool ? 'tool_use' : 'end_turn',
    stop_sequence: null,
    ...(usage === null ? {} : { usage }),
  }
  return { reply: { status: 200, body, ...(options.headers && { headers: options.headers }) }, usage }
}

const CHARACTERS_PER_TOKEN = 4

function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN)
}

function models(request: RecordedRequest, known: string[] | undefined): Reply {
  const path = request.path.split('?', 1)[0] ?? ''
  const entry = (id: string) => ({ type: 'model', id, display_name: id, created_at: '2025-10-15T00:00:00Z' })
  if (path === '/v1/models') {
    return {
      status: 200,
      body: { data: (known ?? []).map(entry), has_more: false, first_id: null, last_id: null },
    }
  }
  const id = /^\/v1\/models\/(.+)$/.exec(path)?.[1]
  if (id === undefined) return refusal(404, 'not_found_error', 'Not Found')
  const name = decodeURIComponent(id)
  if (known !== undefined && !known.includes(name)) return refusal(404, 'not_found_error', `model: ${name}`)
  return { status: 200, body: entry(name) }
}

function refusal(status: number, type: string, text: string): Reply {
  return { status, body: { type: 'error', error: { type, message: text }, request_id: 'req_loopback' } }
}

interface Block {
  text?: string
}

interface MessagesBody {
  model?: string
  max_tokens?: number
  system?: string | Block[]
  messages?: { role: string; content: string | Block[] }[]
  output_config?: { format?: { schema?: Record<string, unknown> } }
  tools?: { name: string; input_schema?: Record<string, unknown> }[]
}

function readCall(request: RecordedRequest, number: number): AnthropicCall | undefined {
  const body = JSON.parse(request.body) as MessagesBody
  const messages = body.messages ?? []
  if (body.model === undefined || body.max_tokens === undefined || messages.length === 0) return undefined
  const prompt = messages.map(({ content }) => textOf(content)).join('\n')
  const schema =
    body.output_config?.format?.schema ?? body.tools?.find(({ name }) => name === 'json')?.input_schema
  return {
    number,
    model: body.model,
    system: textOf(body.system ?? ''),
    prompt,
    ...(schema === undefined ? {} : { schema }),
    outputTokensMax: body.max_tokens,
    passages: readPassages(prompt),
    request,
  }
}

function wantsTool(request: RecordedRequest): boolean {
  return ((JSON.parse(request.body) as MessagesBody).tools ?? []).some(({ name }) => name === 'json')
}

function textOf(content: string | Block[]): string {
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('\n')
}
