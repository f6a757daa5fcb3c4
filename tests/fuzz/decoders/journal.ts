import { verifySession } from '@infrafabric/audit'
import { DriverError, type Journal, type JournalEntry, type ObjectStore } from '@infrafabric/ports'
import {
  canonicalize,
  chainHash,
  chainStart,
  type Json,
  ProtocolError,
  type Sha256,
} from '@infrafabric/protocol'
import { loadSession, nodePrimitives } from '@infrafabric/runtime'
import { type Decoder, demand, type Judgement, type Target } from '../decoder.ts'
import { mutateJson, mutateJsonText } from '../mutate-json.ts'
import type { Random } from '../random.ts'
import { journalOf, objectsOf, openCorpus, type SessionCorpus } from './session-corpus.ts'

const primitives = nodePrimitives

/** Changed bodies and hashes; lost, doubled, exchanged, foreign rows; a cut end. */
function mutateRows(random: Random, rows: readonly JournalEntry[]): JournalEntry[] {
  const mutant = rows.map((row) => ({ ...row }))
  const bodies = rows.map(({ body }) => body)
  for (let left = 1 + random.below(2); left > 0; left--) {
    const at = random.below(mutant.length)
    const row = mutant[at]
    if (row === undefined) return mutant
    switch (random.below(10)) {
      case 0:
        mutant.splice(at, 1)
        break
      case 1:
        mutant.splice(random.below(mutant.length + 1), 0, { ...row })
        break
      case 2: {
        const other = random.below(mutant.length)
        ;[mutant[at], mutant[other]] = [mutant[other] ?? row, row]
        break
      }
      case 3:
        mutant.length = at
        break
      case 4:
        row.hash = random.chance(0.5) ? row.hash.replace(/.$/, 'x') : random.pick(rows).hash
        break
      case 5:
        row.seq += random.pick([-1, 1, 0.5, Number.NaN])
        break
      case 6:
        row.body = random.pick(bodies)
        break
      case 7:
        row.body = mutateJsonText(random, row.body, bodies)
        break
      default:
        row.body = mutateBody(random, row.body, bodies)
    }
  }
  return mutant
}

function mutateBody(random: Random, body: string, bodies: readonly string[]): string {
  try {
    const value = mutateJson(
      random,
      JSON.parse(body) as Json,
      bodies.map((one) => JSON.parse(one) as Json).slice(0, 8),
    )
    return canonicalize(value, 400)
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof SyntaxError) return `${body} `
    throw error
  }
}

/** As whoever holds the disk could do it: the chain has no key. */
function rechained(session: string, rows: readonly JournalEntry[]): JournalEntry[] {
  let hash = chainStart(session, primitives)
  return rows.map(({ body }, seq) => {
    hash = chainHash(hash, body.toWellFormed(), primitives)
    return { seq, hash, body: body.toWellFormed() }
  })
}

interface Judged {
  corpus: SessionCorpus
  rows: JournalEntry[]
}

/** The first row whose place, hash or body is not what the chain asks for; undefined when all are. */
function firstBad({ corpus, rows }: Judged): number | undefined {
  let hash: Sha256 = chainStart(corpus.session, primitives)
  for (const [at, row] of rows.entries()) {
    hash = chainHash(hash, row.body, primitives)
    if (row.seq !== at || row.hash !== hash) return at
  }
  return undefined
}

async function load({ corpus, rows }: Judged, to: 'run' | 'read'): Promise<DriverError | undefined> {
  const journal = { read: () => journalOf(rows) } as unknown as Journal
  const objects = objectsOf(corpus.objects) as ObjectStore
  try {
    await loadSession(corpus.session, { journal, objects, primitives }, to)
    return undefined
  } catch (error) {
    if (error instanceof DriverError) return error
    throw error
  }
}

async function judge(judged: Judged, resigned: boolean): Promise<Judgement> {
  const { corpus, rows } = judged
  const bad = firstBad(judged)
  const refusal = await load(judged, 'run')
  await load(judged, 'read')
  const audit = await verifySession({
    session: corpus.session,
    journal: journalOf(rows),
    objects: objectsOf(corpus.objects),
    primitives,
  })
  if (bad !== undefined) {
    demand(!resigned, 'the chain that was made again does not hold')
    demand(refusal?.code === 'corrupt', `loaded, though entry ${bad} is not in the chain`)
    demand(
      refusal.message.includes(`entry ${bad} `),
      `entry ${bad} is the first bad one, said is ${refusal.message}`,
    )
    const first = audit.faults.find(({ code }) => code === 'chain')
    demand(
      first?.where === `entry ${bad}`,
      `entry ${bad} is the first bad one, the audit says ${first?.where}`,
    )
  }
  const wholeAndSame = rows.every(({ body }, at) => body === corpus.rows[at]?.body)
  if (wholeAndSame && bad === undefined && rows.length > 0) {
    demand(refusal === undefined, `a good journal is refused: ${refusal?.message}`)
    return 'accepted'
  }
  if (!wholeAndSame && audit.ok) {
    // Only what no checkpoint attests to can have been changed without a trace, and the audit says from where on.
    const changed = rows.findIndex(({ body }, at) => body !== corpus.rows[at]?.body)
    demand(
      changed >= audit.attested,
      `entry ${changed} was changed below the ${audit.attested} attested ones`,
    )
    demand(
      audit.warnings.some(({ code }) => code === 'not-attested'),
      'changed, and no word of it',
    )
  }
  return refusal === undefined ? 'accepted' : 'refused'
}

async function open(saved?: string): Promise<Target> {
  const corpus = await openCorpus(saved)
  return {
    corpus: corpus.saved,
    generate(random) {
      const resigned = random.chance(0.4)
      const rows = mutateRows(random, corpus.rows)
      return { data: JSON.stringify(resigned ? rechained(corpus.session, rows) : rows), resigned }
    },
    judge: ({ data, resigned }) =>
      judge({ corpus, rows: (JSON.parse(String(data)) as JournalEntry[]).map(nullToNaN) }, resigned),
  }
}

/** JSON has no NaN. */
function nullToNaN(row: JournalEntry): JournalEntry {
  return { ...row, seq: row.seq ?? Number.NaN }
}

export const journalDecoder: Decoder = { name: 'journal', share: 0.003, hangMs: 20_000, open }
