import type { LoadedSession } from '@infrafabric/runtime'
import type { Session } from '@infrafabric/session'

/**
 * A guard taken away, by the harness and never in the product: the simulation must notice. `state` breaks every
 * session alike, that of the checks too, so comparing two of them shows nothing and the rule itself has to.
 */
export interface Sabotage {
  sync?: false
  fence?: false
  loaded?(loaded: LoadedSession): void
  state?(session: Session): void
}

export const SABOTAGES = {
  'sync off': { sync: false },
  'fence removed': { fence: false },
  'admission removed': {
    loaded(loaded) {
      loaded.admission = { admit: () => ({ ok: true }), note: () => ({ ok: true }) }
    },
  },
  'accept-once removed': { state: reopenFinishedTasks },
  'reservation ignored': {
    state(session) {
      Object.defineProperty(session.budget, 'reserved', { get: () => 0, set: () => {}, enumerable: true })
    },
  },
} satisfies Record<string, Sabotage>

/** Whoever looks a task up finds it open, so that every later result is taken again. */
function reopenFinishedTasks(session: Session): void {
  const { tasksById } = session
  const get = tasksById.get.bind(tasksById)
  tasksById.get = (id) => {
    const task = get(id)
    const attempt = task?.attempts.at(-1)
    if (task?.status.is === 'finished' && attempt !== undefined) {
      task.status = { is: 'assigned', attempt }
      session.tasksOpen++
    }
    return task
  }
}
