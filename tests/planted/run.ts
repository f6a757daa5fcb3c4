// npm run planted [-- --lanes L] [--table 1]
import { availableParallelism } from 'node:os'
import { readOptions } from '../torture/options.ts'
import { GUARDS } from './guards.ts'
import { tryGuards } from './try-guards.ts'

const { lanes, table } = readOptions({ lanes: availableParallelism(), table: 0 })
const started = performance.now()
const tried = await tryGuards(GUARDS, lanes, ({ guard, failed, fault, tookMs }) => {
  const seconds = (tookMs / 1000).toFixed(1)
  process.stderr.write(
    `${fault === null ? 'caught' : 'MISSED'}  ${guard.name} (${seconds} s)  ${fault ?? failed[0]}\n`,
  )
})
if (table > 0) {
  process.stdout.write('| guard taken out | without it | caught by |\n| --- | --- | --- |\n')
  for (const { guard, failed, fault } of tried) {
    process.stdout.write(
      `| ${guard.name} | ${guard.without} | ${fault ?? `“${failed[0]?.replaceAll('|', '\\|')}”`} |\n`,
    )
  }
}
const missed = tried.filter(({ fault }) => fault !== null)
const seconds = Math.round((performance.now() - started) / 1000)
process.stdout.write(
  `${JSON.stringify({ planted: tried.length, caught: tried.length - missed.length, missed: missed.map(({ guard }) => guard.name), seconds })}\n`,
)
process.exitCode = missed.length === 0 ? 0 : 1
