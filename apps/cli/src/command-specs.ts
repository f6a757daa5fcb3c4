import type { OptionSpec } from './arguments.ts'
import type { Context } from './context.ts'

export interface CommandSpec {
  name: string
  /** What stands after the name, as in `<session>`. */
  synopsis: string
  /** One line for the list of commands. */
  about: string
  /** More, for the command's own help. */
  details?: string
  options: Readonly<Record<string, OptionSpec>>
  /** How many words it takes: at least, at most. */
  words: readonly [least: number, most: number]
  /** What to say when words are missing. */
  wordsMissing?: string
  examples: readonly string[]
  load(): Promise<{ execute(context: Context): Promise<number> }>
}

export const GLOBAL_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  home: { value: 'DIR', about: 'where sessions are kept; else INFRAFABRIC_HOME, else ./.infrafabric' },
  json: { about: 'JSON lines on stdout, everything for people on stderr' },
}

const LIMITS: Readonly<Record<string, OptionSpec>> = {
  budget: { value: 'USD', about: 'a hard stop in US dollars, as in 1.00' },
  deadline: { value: 'TIME', about: 'a hard stop in time, as in 10m or 1h30m' },
}

const RUNNING: Readonly<Record<string, OptionSpec>> = {
  model: { value: 'NAME', about: 'auto, extractive, or as in anthropic/claude-haiku-4-5' },
  ...LIMITS,
  agents: { value: 'N', short: 'n', about: 'how many workers, 1 to 1,000' },
  price: {
    value: 'MODEL=input:USD,output:USD',
    many: true,
    about: 'US dollars per million tokens of a model whose price is not known',
  },
  out: { value: 'DIR', short: 'o', about: 'where the report goes; else into the home' },
}

const SESSION_MISSING = 'which session? See: infrafabric list'
const ANY_NUMBER = Number.POSITIVE_INFINITY

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'ask',
    synopsis: '"<question>" --evidence PATH…',
    about: 'answer one question from documents',
    details:
      'Reads the evidence, plans tasks, lets ten agents work on them and writes a report whose every claim quotes its source. Evidence is files, folders, globs and https URLs.',
    options: {
      evidence: { value: 'PATH…', short: 'e', many: true, about: 'files, folders, globs or https URLs' },
      ...RUNNING,
    },
    words: [0, ANY_NUMBER],
    examples: [
      'infrafabric ask "What must a new owner do first?" --evidence ./documents',
      'infrafabric ask "When is the rent due?" --evidence lease.pdf mails/*.eml --model extractive',
      'infrafabric ask "What changed in 2026?" -e https://example.org/news.html --budget 0.25 --deadline 5m',
    ],
    load: () => import('./commands/ask.ts'),
  },
  {
    name: 'run',
    synopsis: '<mission.yaml>',
    about: 'run a mission file',
    details: 'Evidence is looked up from the folder of the mission file. Options replace what the file says.',
    options: RUNNING,
    words: [1, 1],
    wordsMissing: 'which mission file? Make one with: infrafabric init',
    examples: [
      'infrafabric run mission.yaml',
      'infrafabric run mission.yaml --model anthropic/claude-haiku-4-5 --budget 0.50 --out ./report',
      'infrafabric run mission.yaml --json | jq -r .event',
    ],
    load: () => import('./commands/run.ts'),
  },
  {
    name: 'list',
    synopsis: '',
    about: 'list sessions, newest first',
    options: {},
    words: [0, 0],
    examples: ['infrafabric list', 'infrafabric list --json | jq -r .session'],
    load: () => import('./commands/list.ts'),
  },
  {
    name: 'status',
    synopsis: '<session>',
    about: 'show what a session is doing',
    options: { watch: { short: 'w', about: 'keep showing it until it stops' } },
    words: [1, 1],
    wordsMissing: SESSION_MISSING,
    examples: ['infrafabric status handover-7f3k', 'infrafabric status hand --watch'],
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'resume',
    synopsis: '<session>',
    about: 'go on with a session that was stopped or killed',
    details:
      '--budget is the new total, and counts what was spent before. --deadline counts from now. Finished tasks and finished model calls are not paid again.',
    options: {
      ...LIMITS,
      out: { value: 'DIR', short: 'o', about: 'where the report goes; else into the home' },
    },
    words: [1, 1],
    wordsMissing: SESSION_MISSING,
    examples: ['infrafabric resume handover-7f3k', 'infrafabric resume hand --budget 2.00 --deadline 10m'],
    load: () => import('./commands/resume.ts'),
  },
  {
    name: 'cancel',
    synopsis: '<session>',
    about: 'stop a session for good, whichever process runs it',
    options: {},
    words: [1, 1],
    wordsMissing: SESSION_MISSING,
    examples: ['infrafabric cancel handover-7f3k'],
    load: () => import('./commands/cancel.ts'),
  },
  {
    name: 'report',
    synopsis: '<session>',
    about: 'show the report of a session, finished or not',
    options: { format: { value: 'FORMAT', short: 'f', about: 'md, html or json; else md' } },
    words: [1, 1],
    wordsMissing: SESSION_MISSING,
    examples: [
      'infrafabric report handover-7f3k | less',
      'infrafabric report hand --format html > report.html',
    ],
    load: () => import('./commands/report.ts'),
  },
  {
    name: 'bill',
    synopsis: '<session>',
    about: 'show what every agent, model and task cost',
    options: {},
    words: [1, 1],
    wordsMissing: SESSION_MISSING,
    examples: ['infrafabric bill handover-7f3k', 'infrafabric bill hand --json'],
    load: () => import('./commands/bill.ts'),
  },
  {
    name: 'export',
    synopsis: '<session> -o FILE',
    about: 'write a session with all its evidence to one file',
    options: { output: { value: 'FILE', short: 'o', about: 'the file to write, as in session.tar.gz' } },
    words: [1, 1],
    wordsMissing: SESSION_MISSING,
    examples: ['infrafabric export handover-7f3k -o handover.tar.gz'],
    load: () => import('./commands/export.ts'),
  },
  {
    name: 'verify',
    synopsis: '<session|file>',
    about: 'check every signature, quote and cent of a session or an exported file',
    details:
      'Needs no network and, for an exported file, nothing but that file. Exit code 1 when anything is wrong, with the place of it.',
    options: {
      operator: { value: 'FINGERPRINT', about: 'who must have run it: SHA-256 of the operator key' },
    },
    words: [1, 1],
    wordsMissing: 'which session or file? See: infrafabric list',
    examples: [
      'infrafabric verify handover-7f3k',
      'infrafabric verify handover.tar.gz --operator 4c1f…',
      'infrafabric verify handover.tar.gz --json',
    ],
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'init',
    synopsis: '',
    about: 'write a commented mission.yaml to start from',
    options: {},
    words: [0, 0],
    examples: ['infrafabric init && infrafabric run mission.yaml'],
    load: () => import('./commands/init.ts'),
  },
  {
    name: 'doctor',
    synopsis: '',
    about: 'check that this machine can run a session',
    options: {},
    words: [0, 0],
    examples: ['infrafabric doctor', 'infrafabric doctor --json'],
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'models',
    synopsis: '',
    about: 'list the models that can be used from here',
    options: {},
    words: [0, 0],
    examples: ['infrafabric models'],
    load: () => import('./commands/models.ts'),
  },
]
