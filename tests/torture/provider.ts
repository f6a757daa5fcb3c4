import { createHash } from 'node:crypto'
import { type AnthropicServer, startAnthropicServer } from '@infrafabric/driver-models/testing'

/** What `@pydantic/genai-prices` 0.1.8 says of claude-haiku-4-5, in micro-dollars per token. */
const PRICE = { input: 1, output: 5 }
export const PAID_MODEL = 'anthropic/claude-haiku-4-5'

/** A provider outside of every process that is killed: it keeps books of its own. */
export interface Provider {
  env: Record<string, string>
  /** Of every answer sent, whoever lived to read it. */
  billedMicros(): number
  /** Digests of the requests answered, in order. */
  answered(): readonly string[]
  close(): Promise<void>
}

/** Answers the same request with the same words, after `latencyMs`, and marks each answer with its request. */
export async function startProvider(latencyMs: () => number): Promise<Provider> {
  const answered: string[] = []
  const server: AnthropicServer = await startAnthropicServer({
    respond: async (call) => {
      await new Promise((resolve) => setTimeout(resolve, latencyMs()))
      const mark = createHash('sha256').update(call.request.body).digest('hex').slice(0, 16)
      answered.push(mark)
      const claims = call.passages
        .slice(0, 2)
        .map(({ text, number }) => ({ text, supports: [number], contradicts: [] }))
      return { answer: `As the evidence has it (mark ${mark}).`, claims }
    },
  })
  return {
    env: { ANTHROPIC_API_KEY: 'sk-torture', ANTHROPIC_BASE_URL: server.url },
    billedMicros: () =>
      server.billed.reduce(
        (sum, usage) => sum + usage.input_tokens * PRICE.input + usage.output_tokens * PRICE.output,
        0,
      ),
    answered: () => answered,
    close: () => server.close(),
  }
}
