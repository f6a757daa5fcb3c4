import type { Attempt, Session, Task } from '../state.ts'

/** All of a session as plain data, with names where it has references: sessions that are alike have equal snapshots. */
export function snapshotOf(session: Session): unknown {
  const { tasks, tasksById, agents, agentsByName, running, unsent, ledger, paces, ...rest } = session
  const { ready, idle, resting, leases, ...plain } = rest
  return structuredClone({
    ...plain,
    tasks: tasks.map(taskOf),
    tasksById: [...tasksById.keys()],
    agents,
    agentsByName: [...agentsByName.keys()],
    running: [...running].map(attemptOf),
    unsent: unsent.map(attemptOf),
    ledger: [...ledger],
    paces: [...paces],
    heaps: [ready, idle].map((heaps) => [heaps.planner.size, heaps.worker.size, heaps.synthesizer.size]),
    timers: [resting.size, leases.size],
  })
}

function taskOf(task: Task): unknown {
  const { status } = task
  return {
    ...task,
    needs: task.needs.map((need) => need.id),
    neededBy: task.neededBy.map((next) => next.id),
    attempts: task.attempts.map(attemptOf),
    status: 'attempt' in status ? { ...status, attempt: attemptOf(status.attempt) } : status,
  }
}

function attemptOf(attempt: Attempt): unknown {
  return { ...attempt, task: attempt.task.id, agent: attempt.agent.name }
}
