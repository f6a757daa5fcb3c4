import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultMission, type Mission } from '@infrafabric/session'
import { openFabric } from 'infrafabric'

/**
 * `node session-run.ts TASKS`: no-op tasks through the real session, bus and journal of this machine, done by ten
 * function agents. Prints one JSON line: `{tasks, ms, rssMb}`; `ms` is from the loaded program to the stopped session.
 */
const tasks = Number(process.argv[2])
const home = mkdtempSync(join(tmpdir(), 'infrafabric-bench-'))
const fabric = await openFabric({ home, environment: {} })
try {
  const standard = defaultMission()
  const mission: Mission = {
    ...standard,
    name: 'bench',
    objective: 'Nothing at all',
    evidence: [],
    agents: { ...standard.agents, worker: { count: 10, concurrency: 64, model: 'auto' } },
    tasks: Array.from({ length: tasks }, (_, i) => ({ id: `t${i}`, question: `Do task ${i}`, needs: [] })),
  }
  const nothing = () => null
  const started = performance.now()
  const { session } = await fabric.start(mission, {
    base: home,
    agents: { planner: nothing, worker: nothing, synthesizer: nothing },
    synthesize: false,
  })
  const done = await fabric.run(session)
  const ms = performance.now() - started
  if (done.tasks.some((task) => task.status.is !== 'finished')) throw new Error('a task did not finish')
  process.stdout.write(`${JSON.stringify({ tasks, ms, rssMb: process.resourceUsage().maxRSS / 1024 })}\n`)
} finally {
  await fabric.close()
  rmSync(home, { recursive: true, force: true })
}
