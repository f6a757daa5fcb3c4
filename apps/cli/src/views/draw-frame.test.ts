import { missionFromQuestion, openSession, type Session, step } from '@infrafabric/session'
import { expect, it } from 'vitest'
import { drawFrame } from './draw-frame.ts'

const AT = Date.UTC(2026, 10, 22)

/** A session with this many agents at work, and as many tasks waiting. */
function session(agents: number): Session {
  const tasks = Array.from({ length: 2 * agents }, (_, at) => ({
    id: `task-${at}`,
    question: `What is fact ${at}?`,
  }))
  const parsed = missionFromQuestion('What?', ['papers'], { agents, tasks, deadline: '10m' })
  if (!parsed.ok) throw new Error('the mission is faulty')
  const terms = { model: 'extractive', price: null, callsMax: 0, inputTokensMax: 0, outputTokensMax: 0 }
  const opened = openSession({
    kind: 'opened',
    at: AT,
    session: 'facts-ab12',
    mission: parsed.mission,
    terms: { planner: terms, worker: terms, synthesizer: terms },
    synthesize: false,
  })
  step(opened, { kind: 'epoch-started', at: AT, epoch: 1, keyId: 'key' })
  step(opened, { kind: 'time-passed', at: AT })
  return opened
}

function draw(agents: number, columns: number, rows: number, events: string[] = []): string[] {
  return drawFrame(session(agents), {
    now: AT + 12_000,
    columns,
    rows,
    events,
    paint: (_style, text) => text,
  }).split('\n')
}

it('shows what every agent is doing and since when, progress and what is left', () => {
  expect(draw(2, 100, 30, ['an event'])).toEqual([
    'facts-ab12  extractive  12 s',
    '────────────────────────────────────────  0 of 4 tasks done · 2 running · 2 waiting',
    '',
    '  h01    12 s  task-0: What is fact 0?',
    '  h02    12 s  task-1: What is fact 1?',
    '',
    'costs nothing · 9m 48s of time left',
    '',
    'an event',
  ])
})

it.each([
  [80, 24],
  [200, 60],
  [40, 12],
  [20, 14],
])('is never larger than a terminal of %i by %i, with a thousand agents', (columns, rows) => {
  const lines = draw(1_000, columns, rows, ['one', 'two'])
  expect(lines.length).toBeLessThan(rows)
  const tooLong = lines.slice(2).filter((line) => line.length >= Math.max(columns, 40))
  expect(tooLong).toEqual([])
  expect(lines.join('\n')).toMatch(/\+ \d+ more/)
})
