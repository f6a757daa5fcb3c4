import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { type MissionFile, missionFromQuestion } from '@infrafabric/session'
import type { Argument } from '../arguments.ts'
import type { Context } from '../context.ts'
import { optionFault, overridesOf, pricesOf } from '../mission-overrides.ts'
import { startAndRun } from '../run-session.ts'
import { UserError } from '../user-error.ts'

const EXAMPLE = 'infrafabric ask "What must a new owner do first?" --evidence ./documents'

export async function execute(context: Context): Promise<number> {
  const { question, evidence } = questionAndEvidence(context)
  const overrides: Partial<Omit<MissionFile, 'objective' | 'evidence'>> = overridesOf(context.arguments)
  const parsed = missionFromQuestion(question, evidence, overrides)
  if (!parsed.ok) throw new UserError(parsed.faults.map(optionFault).join('\n'))
  const prices = pricesOf(context.arguments)
  return startAndRun({ mission: { ...parsed.mission, prices }, base: context.folder }, context)
}

/**
 * Shells turn a glob into many words, so words right after --evidence are evidence too, except that a question
 * that stands nowhere else is the last of them.
 */
function questionAndEvidence({ arguments: given, folder }: Context): {
  question: string
  evidence: string[]
} {
  const free = given.words.filter(({ after }) => after !== 'evidence').map(textOf)
  const listed = given.words.filter(({ after }) => after === 'evidence').map(textOf)
  if (free.length === 0) {
    const last = listed.pop()
    if (last === undefined || existsSync(resolve(folder, last)))
      throw new UserError(`there is no question; write it in quotes, as in ${EXAMPLE}`)
    free.push(last)
  }
  const [question = '', ...more] = free
  if (more.length > 0)
    throw new UserError(`there are ${free.length} questions; write one, in quotes, as in ${EXAMPLE}`)
  const evidence = [...given.texts('evidence'), ...listed]
  if (evidence.length === 0)
    throw new UserError(`what shall it be answered from? Add --evidence, as in ${EXAMPLE}`)
  return { question, evidence }
}

function textOf({ text }: Argument): string {
  return text
}
