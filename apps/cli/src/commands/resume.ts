import { missionFromQuestion } from '@infrafabric/session'
import type { Context } from '../context.ts'
import type { RaiseLimits } from '../fabric.ts'
import { findSession } from '../find-session.ts'
import { optionFault, overridesOf } from '../mission-overrides.ts'
import { resumeAndRun } from '../run-session.ts'
import { UserError } from '../user-error.ts'

export function execute(context: Context): Promise<number> {
  const raise = limitsOf(context)
  const given = context.arguments.words[0]?.text ?? ''
  return resumeAndRun((fabric) => findSession(fabric, given), { raise }, context)
}

/** What `--budget` and `--deadline` say, by the rules of a mission file. */
function limitsOf({ arguments: options }: Context): RaiseLimits {
  const checked = missionFromQuestion('Are these limits right?', ['.'], overridesOf(options))
  if (!checked.ok) throw new UserError(checked.faults.map(optionFault).join('\n'))
  const { budgetMicros, deadlineMs } = checked.mission
  return { budgetMicros, deadlineMs }
}
