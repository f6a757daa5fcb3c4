import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../planted/tree.ts'
import { PAID_MODEL } from './provider.ts'

export type Variant = 'extractive' | 'paid'

/** Sessions that are small: what is tried is how they end, not how much they find. */
export const MISSIONS: Record<Variant, string> = {
  extractive: mission('quotes', 'extractive', ''),
  paid: mission('paid', PAID_MODEL, 'budget: 20.00\n'),
}

const DOCUMENTS = [
  'safety/life-raft-certificate.txt',
  'safety/fire-extinguisher-certificate.md',
  'legal/insurance-policy.txt',
]

function mission(name: string, model: string, more: string): string {
  return `mission: ${name}
objective: What must the new owner know about safety and insurance?
evidence: [documents]
${more}agents:
  worker: { count: 4, model: ${model} }
  planner: { model: ${model} }
  synthesizer: { model: ${model} }
tasks:
  - { id: raft, question: When is the life raft due for service? }
  - { id: raft-maker, question: Who serviced the life raft? }
  - { id: fire, question: When do the fire extinguishers have to be inspected? }
  - { id: insurer, question: Who insures the yacht? }
  - { id: cover, question: "What does the policy not cover, and why?", needs: [insurer] }
  - { id: dates, question: Which certificates end first?, needs: [raft, fire] }
  - { id: premium, question: How much is the premium?, needs: [insurer] }
`
}

/** A folder with the documents and one mission file a variant. */
export function layOut(folder: string): void {
  mkdirSync(join(folder, 'documents'), { recursive: true })
  for (const path of DOCUMENTS) {
    const name = path.replace('/', '-')
    cpSync(join(ROOT, 'examples/navidocs/documents', path), join(folder, 'documents', name))
  }
  for (const [variant, text] of Object.entries(MISSIONS)) writeFileSync(join(folder, `${variant}.yaml`), text)
}

/** How names of the variant's sessions begin. */
export const PREFIX: Record<Variant, string> = { extractive: 'quotes-', paid: 'paid-' }
