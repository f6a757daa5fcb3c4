import { canonicalize, type Json, ProtocolError } from '@infrafabric/protocol'
import { parseReply, type Session, step, type TaskFailure, type TaskResult } from '@infrafabric/session'
import { driveSession, FREE, PAID } from '../../../packages/report/src/testing/drive-session.ts'
import { type Decoder, demand, type Target } from '../decoder.ts'
import { mutateJson } from '../mutate-json.ts'
import type { Random } from '../random.ts'

const usage = {
  inputTokens: 900,
  cacheReadTokens: 100,
  cacheWriteTokens: 50,
  outputTokens: 400,
  reasoningTokens: 20,
}
const quote = { source: 'ab'.repeat(32), passage: 3, text: 'due at 2,000 hours' }
const claim = { text: 'The starboard engine is due.', supports: [quote], contradicts: [quote] }
const result = {
  kind: 'result',
  task: 'engines',
  attempt: 1,
  outcome: { answer: 'It is due.', claims: [claim] },
  charges: [{ call: 0, model: PAID.model, usage }],
  limits: { requestsRemaining: 10, tokensRemaining: 9_000, resetMs: 1_000 },
}
const failure = {
  kind: 'failure',
  task: 'engines',
  attempt: 1,
  code: 'throttled',
  detail: 'slow down',
  retry_after_ms: 2_000,
  charges: [{ call: 1, model: PAID.model, usage: null }],
  limits: null,
}
const seeds: Json[] = [
  result,
  failure,
  { ...result, outcome: { ...result.outcome, data: { any: [1, 'x'] } }, charges: [], limits: null },
  { ...result, outcome: { ...result.outcome, tasks: [{ id: 'a', question: 'b', needs: ['c'] }] } },
  { ...failure, code: 'spend-limit', retry_after_ms: null },
]

/** A session with one question under way: attempt 1 of `engines`, by agent h01. */
function sessionUnderWay(): Session {
  const tasks = [
    { id: 'engines', question: 'What is due?', needs: [] },
    { id: 'costs', question: 'What does it cost?', needs: ['engines'] },
  ]
  return driveSession({ tasks, terms: PAID, workers: 1, mission: { budgetMicros: 100_000 } }).session
}

function planUnderWay(): Session {
  return driveSession({ tasks: [], terms: FREE, workers: 1 }).session
}

function checkBooks({ budget }: Session): void {
  const { limit, spent, reserved } = budget
  demand(Number.isSafeInteger(spent) && spent >= 0, `spent ${spent}`)
  demand(Number.isSafeInteger(reserved) && reserved >= 0, `reserved ${reserved}`)
  demand(limit === null || spent + reserved <= limit, `${spent} spent and ${reserved} reserved of ${limit}`)
}

/** Whatever a verified agent says, the session goes on; and only the agent's own attempt can end by it. */
function tellSession(session: Session, content: Json): void {
  const attempt = [...session.running][0]
  if (attempt === undefined) throw new Error('nothing is under way')
  const sender = `if://agent/${session.name}/${attempt.agent.name}`
  const { task: named, kind } = (content ?? {}) as unknown as Partial<TaskResult | TaskFailure>
  const performative = kind === 'failure' ? 'failure' : 'inform'
  const message = { sender, performative, messageId: 'if://message/x/h01/1.1', content }
  const at = session.at + 1_000
  step(session, { kind: 'received', at, message })
  checkBooks(session)
  step(session, { kind: 'time-passed', at: at + 60_000 })
  checkBooks(session)
  const finished = session.tasks.filter(({ status }) => status.is === 'finished')
  demand(
    finished.every(({ id }) => id === named),
    'a task is finished that the reply does not name',
  )
}

function open(): Target {
  return {
    generate(random: Random) {
      const seed = random.pick(seeds)
      const value = mutateJson(random, seed, seeds)
      try {
        return { data: canonicalize(value), resigned: false }
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error
        return { data: canonicalize(seed), resigned: false }
      }
    },
    judge({ data }) {
      const content = JSON.parse(String(data)) as Json
      const parsed = parseReply(content)
      tellSession(sessionUnderWay(), content)
      tellSession(planUnderWay(), content)
      if (!parsed.ok) {
        demand(parsed.detail !== '' && parsed.detail.length < 500, 'a refusal that nobody can read')
        return 'refused'
      }
      demand(canonicalize(parsed.value as unknown as Json) === data, 'it is not written as it was read')
      return 'accepted'
    },
  }
}

export const replyDecoder: Decoder = { name: 'reply', share: 0.08, hangMs: 10_000, open }
