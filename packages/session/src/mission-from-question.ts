import { slug } from './mission-fields.ts'
import { missionFromObject } from './mission-from-object.ts'
import type { MissionFile } from './mission-schema.ts'
import type { ParsedMission } from './parse-mission.ts'

const NAME_CHARACTERS_MAX = 24
const QUESTION_WORDS_SKIPPED = new Set(
  (
    'a about all am an and any are as at be been being but by can could did do does for from give had has have ' +
    'how i if in into is it its list may me might must my of on one or our please shall should show so tell than ' +
    'that the their them there these they this those to us was we were what when where which who whom whose why ' +
    'will with would you your'
  ).split(' '),
)

/**
 * The mission of a single question. The planner makes the tasks. Overrides are written as in a mission file, so
 * a command's options can be passed as they are: `{ budget: '1.00', deadline: '10m', agents: 4 }`. Faults have
 * no place, since there is no file.
 */
export function missionFromQuestion(
  question: string,
  evidence: readonly string[],
  overrides: Partial<Omit<MissionFile, 'objective' | 'evidence'>> = {},
): ParsedMission {
  const written = {
    mission: missionName(question),
    objective: question,
    evidence: [...evidence],
    ...overrides,
  }
  return missionFromObject(written)
}

/** The question's first words that say something, as in `new-owner-first`. Whole words, unless the first is too long. */
function missionName(question: string): string {
  const words = slug(question.slice(0, 1_000), 1_000)
    .split('-')
    .filter((word) => word !== '')
  const telling = words.filter((word) => !QUESTION_WORDS_SKIPPED.has(word))
  let name = ''
  for (const word of telling.length > 0 ? telling : words) {
    const longer = name === '' ? word.slice(0, NAME_CHARACTERS_MAX) : `${name}-${word}`
    if (longer.length > NAME_CHARACTERS_MAX) break
    name = longer
  }
  return name === '' ? 'question' : name
}
