import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type AnthropicServer,
  type AnthropicUsage,
  startAnthropicServer,
} from '@infrafabric/driver-models/testing'
import { type Fabric, openFabric } from 'infrafabric'
import { afterEach, beforeEach, expect, it } from 'vitest'

const EVIDENCE = join(import.meta.dirname, '../../examples/navidocs/documents')
const BUDGET_MICROS = 50_000
/** What `@pydantic/genai-prices` 0.1.8 says of claude-haiku-4-5, in dollars per million tokens. */
const HAIKU = { input: 1, output: 5 }

let folder: string
let server: AnthropicServer
let fabric: Fabric
let underWay = 0
let mostUnderWay = 0

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infrafabric-budget-'))
  underWay = 0
  mostUnderWay = 0
  server = await startAnthropicServer({
    latencyMs: 20,
    respond(call) {
      underWay++
      mostUnderWay = Math.max(mostUnderWay, underWay)
      setTimeout(() => underWay--, 20)
      const [first] = call.passages
      const claims =
        first === undefined ? [] : [{ text: first.text, supports: [first.number], contradicts: [] }]
      return { answer: 'From the evidence.', claims }
    },
  })
  fabric = await openFabric({
    home: join(folder, 'home'),
    environment: { ANTHROPIC_API_KEY: 'sk-test', ANTHROPIC_BASE_URL: server.url },
  })
})

afterEach(async () => {
  await fabric.close()
  await server.close()
  await rm(folder, { recursive: true })
})

/** What the provider would bill, computed from its own records. */
function billedMicros(usages: readonly AnthropicUsage[]): number {
  return usages.reduce(
    (sum, usage) => sum + usage.input_tokens * HAIKU.input + usage.output_tokens * HAIKU.output,
    0,
  )
}

it('stops ten agents at or under $0.05, keeps what they found, and bills what the provider billed', async () => {
  const { session } = await fabric.start(
    {
      mission: 'meridian',
      objective: 'What must the new owner know?',
      evidence: EVIDENCE,
      budget: 0.05,
      agents: { worker: { count: 10, model: 'anthropic/claude-haiku-4-5' } },
      tasks: Array.from({ length: 60 }, (_, i) => ({ id: `task-${i}`, question: `When is item ${i} due?` })),
    },
    { base: folder },
  )
  const percents: number[] = []
  const stopped = await fabric.run(session, {
    onNotice(notice) {
      if (notice.kind === 'budget') percents.push(notice.percent)
    },
  })

  expect(stopped.phase).toMatchObject({ is: 'stopped', why: { is: 'out-of-budget' } })
  expect(stopped.budget.reserved).toBe(0)
  expect(stopped.budget.spent).toBeLessThanOrEqual(BUDGET_MICROS)
  expect(stopped.budget.spent).toBe(billedMicros(server.billed))
  expect(percents[0]).toBe(50)
  expect(mostUnderWay).toBeGreaterThan(2)
  const finished = stopped.tasks.filter((task) => task.status.is === 'finished')
  expect(finished.length).toBe(server.billed.length)
  expect(finished.length).toBeGreaterThan(10)
  expect(finished.length).toBeLessThan(60)

  // Nothing is spent when it is run again without more money.
  const again = await fabric.run(session)
  expect(again.phase).toMatchObject({ is: 'stopped', why: { is: 'out-of-budget' } })
  expect(again.budget.spent).toBe(billedMicros(server.billed))
})

it('refuses a budget too small for one call before anything is spent, and names the least that would do', async () => {
  const starting = fabric.start(
    {
      mission: 'small',
      objective: 'What is due?',
      evidence: EVIDENCE,
      budget: 0.001,
      agents: { worker: { model: 'anthropic/claude-haiku-4-5' } },
    },
    { base: folder },
  )
  await expect(starting).rejects.toThrow(
    /budget of \$0\.001 cannot cover one call.*set at least --budget 0\.\d+/,
  )
  expect(server.calls).toEqual([])
})

it('asks the provider once whether key and model are good, though three roles use the model', async () => {
  const model = 'anthropic/claude-haiku-4-5'
  await fabric.start(
    {
      mission: 'roles',
      objective: 'What is due?',
      evidence: EVIDENCE,
      budget: 1,
      agents: { planner: { model }, worker: { model }, synthesizer: { model } },
    },
    { base: folder },
  )
  expect(server.requests.map(({ method }) => method)).toEqual(['GET'])
})
