import { floorMs } from './floor.ts'

/** `node floor-run.ts TASKS`: prints `{tasks, ms, rssMb}` of the floor. */
const tasks = Number(process.argv[2])
const ms = floorMs(tasks)
process.stdout.write(`${JSON.stringify({ tasks, ms, rssMb: process.resourceUsage().maxRSS / 1024 })}\n`)
