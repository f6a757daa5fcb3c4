import type { MessageDraft } from '@infrafabric/protocol'
import { nextWakeAt } from '../schedule.ts'
import type { Session, TaskStatus } from '../state.ts'

/** What must hold after every event, whatever happened. Returns what does not, in words. */
export function faultsOf(session: Session): string[] {
  const faults: string[] = []
  const expect = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault)
  }
  const open = session.tasks.flatMap((task) => task.attempts.filter((attempt) => attempt.state === 'open'))
  const sum = (amounts: number[]): number => amounts.reduce((total, amount) => total + amount, 0)
  const { budget } = session

  expect(open.length === session.running.size, `${session.running.size} run, ${open.length} are open`)
  expect(
    open.every((attempt) => session.running.has(attempt)),
    'an open attempt is not under way',
  )
  expect(
    budget.reserved === sum(open.map((attempt) => attempt.sliceMicros)),
    'reserved is not the open slices',
  )
  const ended = session.tasks.flatMap((task) => task.attempts.filter((attempt) => attempt.state !== 'open'))
  expect(budget.spent === sum(ended.map((attempt) => attempt.costMicros)), 'spent is not what attempts cost')
  const vanished = ended.filter((attempt) => attempt.state === 'vanished')
  expect(
    budget.unreconciled === sum(vanished.map((attempt) => attempt.sliceMicros)),
    'unreconciled is not the slices of the vanished',
  )
  expect(budget.spent >= 0 && budget.reserved >= 0, 'money below zero')
  const ledger = sum([...session.ledger.values()].map((line) => line.micros))
  expect(ledger === budget.spent - budget.unreconciled, 'the ledger is not what was settled')

  for (const agent of session.agents) {
    const busy = open.filter((attempt) => attempt.agent === agent).length
    const { concurrency } = session.mission.agents[agent.role]
    expect(agent.places >= 0 && agent.places + busy === concurrency, `${agent.name} lost or won a place`)
  }
  const paced = sum([...session.paces.values()].map((pace) => pace.running))
  expect(paced === open.length, `the pace counts ${paced} under way, ${open.length} are`)

  const unsettled = session.tasks.filter((task) => !isSettled(task.status))
  expect(unsettled.length === session.tasksOpen, 'tasksOpen is not the number of unsettled tasks')
  for (const task of session.tasks) {
    const { status } = task
    if (status.is === 'assigned') expect(status.attempt.state === 'open', `${task.id} waits for nobody`)
    if (status.is === 'waiting') {
      const unmet = task.needs.filter((need) =>
        task.role === 'synthesizer' ? !isSettled(need.status) : need.status.is !== 'finished',
      )
      expect(status.unmet === unmet.length && unmet.length > 0, `${task.id} waits for what is there`)
    }
    expect(task.tries <= session.mission.attemptsMax, `${task.id} was tried ${task.tries} times`)
  }
  if (session.phase.is === 'stopped') expect(open.length === 0, 'stopped with attempts under way')
  expect(session.unsent.length === 0 || session.epoch === 0, 'an attempt was not asked for again')
  faults.push(...stuckness(session, open.length))
  return faults
}

/** If it has not stopped, somebody answers or a time comes. */
function stuckness(session: Session, open: number): string[] {
  if (session.phase.is === 'stopped' || session.epoch === 0) return []
  const wakeAt = nextWakeAt(session)
  if (wakeAt === null) return [`stuck: ${open} under way and no time to wake at`]
  return []
}

export function isSettled(status: TaskStatus): boolean {
  return status.is === 'finished' || status.is === 'failed' || status.is === 'skipped'
}

/** Sequence numbers start at 1 in every epoch and leave no gap. */
export function sequenceFault(drafts: readonly MessageDraft[]): string | null {
  const next = new Map<number, number>()
  for (const { epoch, seq, message_id: id } of drafts) {
    const expected = next.get(epoch) ?? 1
    if (seq !== expected) return `${id} has seq ${seq}, not ${expected}`
    next.set(epoch, expected + 1)
  }
  return null
}
