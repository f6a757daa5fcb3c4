import {
  assess,
  type Claim,
  createEvidenceIndex,
  type Document,
  type EvidenceIndex,
} from '@infrafabric/evidence'
import type { AgentTools, Brief, ModelRequest, ModelResponse } from '@infrafabric/ports'
import { type Sha256, sha256Hex, utf8 } from '@infrafabric/protocol'
import { describe, expect, it } from 'vitest'
import { modelAgent } from './model-agent.ts'
import { nodePrimitives } from './node-primitives.ts'

function documentOf(name: string, ...lines: string[]): Document {
  return {
    source: sha256Hex(utf8(`${name}\n${lines.join('\n')}`), nodePrimitives) as Sha256,
    name,
    mediaType: 'text/plain',
    reader: 'text/1',
    blocks: lines.map((text, at) => ({ kind: 'text', text, place: { line: at + 1 } })),
  }
}

const certificate = documentOf(
  'certificate.txt',
  'The next service of the life raft is due on 14 March 2027.',
)
const survey = documentOf('survey.txt', 'Life raft: next service due on 14 March 2027, says its certificate.')
const notes = documentOf('notes.txt', 'The next service of the life raft is due on 14 May 2027.')
const mail = documentOf('mail.txt', 'The regatta of a life begins on 14 March 2027, and lunch is at noon.')
const all = [certificate, survey, notes, mail]

const brief: Brief = {
  session: 's',
  agent: 'h01',
  task: 't',
  attempt: 1,
  role: 'worker',
  question: 'When is the life raft due for service?',
  objective: 'Know the boat.',
  inputs: [],
  tasksMax: 10,
}

/** A model that states `text` and cites the sentences of the prompt that hold the given words. */
function scripted(text: string, supports: string[], contradicts: string[] = []) {
  return async ({ prompt }: ModelRequest): Promise<ModelResponse> => {
    const numbersOf = (words: string[]): number[] =>
      words.flatMap((word) =>
        [...prompt.matchAll(/^\[(\d+)\] (.*)$/gm)]
          .filter(([, , sentence]) => sentence?.includes(word))
          .map(([, number]) => Number(number)),
      )
    const object = {
      answer: text,
      claims: [{ text, supports: numbersOf(supports), contradicts: numbersOf(contradicts) }],
    }
    return {
      text: JSON.stringify(object),
      object,
      finish: 'stop',
      usage: { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 },
    } as unknown as ModelResponse
  }
}

async function claimOf(
  complete: AgentTools['complete'],
  index: EvidenceIndex = createEvidenceIndex(all),
  inProcess = true,
): Promise<Claim> {
  const tools: AgentTools = {
    search: (query, limit) => index.search(query, limit),
    documents: () => index.documents,
    complete,
    ...(inProcess ? { evidence: index } : {}),
  }
  const agent = modelAgent({
    name: 'test/scripted',
    inputTokensMax: 20_000,
    outputTokensMax: 1_000,
    citationsByGrammar: false,
  })
  const { claims } = await agent.perform(brief, tools, new AbortController().signal)
  const [claim] = claims
  if (claim === undefined) throw new Error('no claim')
  return claim
}

const namesOf = (quotes: Claim['supports']) =>
  quotes.map(({ source }) => all.find((one) => one.source === source)?.name ?? source)

describe("the cross-check of a model's claims", () => {
  const text = 'The next service of the life raft is due on 14 March 2027.'

  it.each([true, false])(
    'adds who says the same and who says otherwise, in exact bytes (index at hand: %s)',
    async (inProcess) => {
      const index = createEvidenceIndex(all)
      const claim = await claimOf(scripted(text, ['is due on 14 March']), index, inProcess)
      expect(namesOf(claim.supports)).toEqual(['certificate.txt', 'survey.txt'])
      expect(namesOf(claim.contradicts)).toEqual(['notes.txt'])
      for (const quote of [...claim.supports, ...claim.contradicts])
        expect(index.passage(quote.source, quote.passage)?.text).toContain(quote.text)
      expect(assess(claim, index.passage)).toMatchObject({ status: 'disputed', sources: 2, by: 'values' })
    },
  )

  it('confirms what the model cited from one source and two sources say', async () => {
    const index = createEvidenceIndex([certificate, survey, mail])
    const claim = await claimOf(scripted(text, ['is due on 14 March']), index)
    expect(assess(claim, index.passage).status).toBe('verified')
  })

  it('never removes what the model cited, right or wrong', async () => {
    const claim = await claimOf(scripted(text, ['regatta', 'is due on 14 March'], ['says its certificate']))
    expect(namesOf(claim.supports)).toEqual(['mail.txt', 'certificate.txt'])
    expect(namesOf(claim.contradicts)).toEqual(['survey.txt', 'notes.txt'])
  })

  it('adds nothing to a claim without a quote: it stays unverified', async () => {
    const index = createEvidenceIndex(all)
    const claim = await claimOf(scripted(text, []), index)
    expect(claim).toEqual({ text, supports: [], contradicts: [] })
    expect(assess(claim, index.passage).status).toBe('unverified')
  })

  it('does not bring evidence to a value that the model made up', async () => {
    const index = createEvidenceIndex(all)
    const claim = await claimOf(
      scripted('The next service of the life raft is due on 14 March 2027 and costs 512 EUR.', [
        'is due on 14 March',
      ]),
      index,
    )
    expect(['unverified', 'disputed']).toContain(assess(claim, index.passage).status)
    expect(assess(claim, index.passage).unstated).toContain('512 EUR')
  })

  it('adds at most three quotes of a kind', async () => {
    const many = Array.from({ length: 9 }, (_, at) =>
      documentOf(`${at}.txt`, `Station ${at} reports: service of the life raft due on 14 March 2027.`),
    )
    const index = createEvidenceIndex([certificate, ...many])
    const claim = await claimOf(scripted(text, ['The next service of the life raft is due']), index)
    expect(claim.supports).toHaveLength(4)
  })
})
