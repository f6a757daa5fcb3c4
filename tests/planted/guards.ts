// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text.
import type { Patch } from './tree.ts'

export interface Guard {
  name: string
  /** What happens to a user when it is gone. */
  without: string
  patches: Patch[]
  /** Files of which at least one test must fail when it is gone. */
  tests: string[]
}

function patch(file: string, find: string, replace: string): Patch {
  return { file, find, replace }
}

const PROTOCOL = 'packages/protocol/src'
const SESSION = 'packages/session/src'
const RUNTIME = 'packages/runtime/src'
const LOCAL = 'drivers/local/src'
const AUDIT = 'packages/audit/src'

/** Every guard that a promise rests on, and how it is taken out. */
export const GUARDS: readonly Guard[] = [
  {
    name: 'signature of a message',
    without: 'anybody who can write to a queue speaks for any agent',
    patches: [
      patch(
        `${PROTOCOL}/verify.ts`,
        'if (!checked.ok) return reject(checked.code, checked.detail)',
        'if (!checked.ok) void checked',
      ),
      patch(
        `${PROTOCOL}/verify.ts`,
        'digest: checked.digest }',
        'digest: checked.ok ? checked.digest : primitives.sha256(leaf) }',
      ),
    ],
    tests: [`${PROTOCOL}/verify.test.ts`],
  },
  {
    name: 'signature of a grant',
    without: 'anybody makes agents',
    patches: [
      patch(`${PROTOCOL}/registry.ts`, 'if (!checked.ok) return checked', 'if (!checked.ok) void checked'),
    ],
    tests: [`${PROTOCOL}/registry.test.ts`],
  },
  {
    name: 'the embedded key must be the granted one',
    without: 'a message is trusted for the key it brings along',
    patches: [
      patch(
        `${PROTOCOL}/verify.ts`,
        'if (!equalBytes(signature.publicKey, entry.publicKey)) {',
        'if (entry === null) {',
      ),
    ],
    tests: [`${PROTOCOL}/verify.test.ts`],
  },
  {
    name: 'a key speaks for its own agent',
    without: 'one agent speaks as another',
    patches: [
      patch(
        `${PROTOCOL}/verify.ts`,
        'if (entry === undefined || entry.grant.agent !== message.sender) {',
        'if (entry === undefined) {',
      ),
    ],
    tests: ['tests/hostile/hostile.test.ts'],
  },
  {
    name: 'performatives of a grant',
    without: 'a worker gives orders',
    patches: [
      patch(
        `${PROTOCOL}/verify.ts`,
        'if (!entry.grant.performatives.includes(message.performative)) {',
        'if (entry === null) {',
      ),
    ],
    tests: [`${PROTOCOL}/verify.test.ts`],
  },
  {
    name: 'receivers of a grant',
    without: 'a worker writes to other workers',
    patches: [
      patch(`${PROTOCOL}/verify.ts`, 'if (!entry.mayAddress(message.receiver)) {', 'if (entry === null) {'),
    ],
    tests: [`${PROTOCOL}/verify.test.ts`],
  },
  {
    name: 'other sessions',
    without: 'a message of one session is taken in another',
    patches: [
      patch(
        `${PROTOCOL}/verify.ts`,
        'if (message.session_id !== registry.session)',
        'if (message.session_id === undefined)',
      ),
    ],
    tests: [`${PROTOCOL}/verify.test.ts`],
  },
  {
    name: 'revocation',
    without: 'a key that was taken away goes on speaking',
    patches: [
      patch(
        `${PROTOCOL}/verify.ts`,
        'if (registry.isRevoked(message.key_id, options.position)) {',
        'if (entry === null) {',
      ),
    ],
    tests: [`${PROTOCOL}/verify.test.ts`, `${PROTOCOL}/registry.test.ts`],
  },
  {
    name: 'a coordinator is granted by the operator alone',
    without: 'a worker makes itself coordinator',
    patches: [
      patch(
        `${PROTOCOL}/registry.ts`,
        'if (!byOperator || !equalBytes(signingKey, operatorKey)) {',
        'if (!byOperator && !equalBytes(signingKey, operatorKey)) {',
      ),
    ],
    tests: [`${PROTOCOL}/registry.test.ts`],
  },
  {
    name: 'the most a role may be granted',
    without: 'a coordinator that was taken over gives workers its authority',
    patches: [
      patch(
        `${PROTOCOL}/registry.ts`,
        'if (!isSubset(grant.performatives, performativesOf(grant.role))) {',
        'if (!isSubset(grant.performatives, grant.performatives)) {',
      ),
    ],
    tests: [`${PROTOCOL}/registry.test.ts`],
  },
  {
    name: 'keys of small order',
    without: 'one signature fits every message',
    patches: [
      patch(
        `${PROTOCOL}/small-order-key.ts`,
        'export function smallOrderKey(publicKey: Uint8Array): boolean {',
        'export function smallOrderKey(publicKey: Uint8Array): boolean {\n  if (publicKey.length === 32) return false',
      ),
    ],
    tests: [`${PROTOCOL}/small-order-key.test.ts`, `${PROTOCOL}/verify.test.ts`],
  },
  {
    name: 'replay window',
    without: 'a message of last year is news',
    patches: [
      patch(
        `${PROTOCOL}/admission.ts`,
        'if (message.timestamp < now - windowMs)',
        'if (message.timestamp < 0)',
      ),
    ],
    tests: [`${PROTOCOL}/admission.test.ts`],
  },
  {
    name: 'each message once',
    without: 'a message that comes twice counts twice',
    patches: [
      patch(
        `${PROTOCOL}/admission.ts`,
        "if (equalBytes(known, message.digest)) return refuse('duplicate', 'admitted before')",
        'if (equalBytes(known, message.digest)) return undefined',
      ),
    ],
    tests: ['tests/hostile/hostile.test.ts'],
  },
  {
    name: 'one message for each place in a sequence',
    without: 'an agent tells two stories under one number',
    patches: [
      patch(
        `${PROTOCOL}/admission.ts`,
        'if (known === undefined) return undefined',
        'if (known === undefined || !equalBytes(known, message.digest)) return undefined',
      ),
    ],
    tests: [`${PROTOCOL}/admission.test.ts`],
  },
  {
    name: 'proof of a batch',
    without: 'a signature over one batch covers messages that are not in it',
    patches: [
      patch(
        `${PROTOCOL}/verified-roots.ts`,
        'known.tree.proves(digest, proof, primitives)',
        'known.tree.byteLength > 0',
      ),
    ],
    tests: [`${PROTOCOL}/verify.test.ts`, `${PROTOCOL}/verified-tree.test.ts`],
  },
  {
    name: 'canonical or rejected',
    without: 'two readers see two messages in the same bytes',
    patches: [
      patch(
        `${PROTOCOL}/verify.ts`,
        'if (!parsed.ok) return reject(parsed.code, parsed.detail)\n    const { value } = parsed',
        'const value = parsed.ok ? parsed.value : JSON.parse(wire)',
      ),
    ],
    tests: [`${PROTOCOL}/verify.test.ts`],
  },
  {
    name: 'fence',
    without: 'two coordinators write one journal',
    patches: [
      patch(`${LOCAL}/journal.ts`, 'if (first !== length) {', 'if (first === undefined) {'),
      patch(`${LOCAL}/journal.ts`, 'INSERT INTO entry (position', 'INSERT OR REPLACE INTO entry (position'),
    ],
    tests: [`${LOCAL}/journal.test.ts`, `${LOCAL}/compliance.test.ts`],
  },
  {
    name: 'a late conflict is no success',
    without: 'a coordinator that was taken over goes on',
    patches: [
      patch(`${RUNTIME}/journal-writer.ts`, 'return row.hash === last.hash', 'return row.hash !== undefined'),
    ],
    tests: [`${RUNTIME}/swarm.test.ts`, `${RUNTIME}/crash.test.ts`, `${RUNTIME}/hostile.test.ts`],
  },
  {
    name: 'lock',
    without: 'two processes run one session',
    patches: [patch(`${LOCAL}/session-lock.ts`, "file.exec('BEGIN EXCLUSIVE')", "file.exec('BEGIN')")],
    tests: [`${LOCAL}/session-lock.test.ts`],
  },
  {
    name: 'accepted once',
    without: 'a second result replaces the first',
    patches: [
      patch(
        `${SESSION}/settle.ts`,
        "if (status.is === 'finished' || status.is === 'failed' || status.is === 'skipped') return\n  if (task.role",
        'if (task.role',
      ),
    ],
    tests: [`${SESSION}/step.test.ts`],
  },
  {
    name: 'charged once',
    without: 'a reply that comes twice is paid twice',
    patches: [patch(`${SESSION}/settle.ts`, "if (attempt.state === 'settled') return\n", '')],
    tests: ['tests/money/schedules.test.ts'],
  },
  {
    name: 'an attempt is answered by whom it was given to',
    without: 'an agent answers for others',
    patches: [
      patch(
        `${SESSION}/settle.ts`,
        'if (attempt === undefined || attempt.agent !== agent) {',
        'if (attempt === undefined) {',
      ),
    ],
    tests: [`${SESSION}/step.test.ts`, 'tests/hostile/hostile.test.ts'],
  },
  {
    name: 'a result is an inform',
    without: 'what an agent says and how it says it may differ',
    patches: [
      patch(
        `${SESSION}/step.ts`,
        "else if (message.performative === (reply.value.kind === 'result' ? 'inform' : 'failure')) {",
        'else if (message.performative !== undefined) {',
      ),
    ],
    tests: [`${SESSION}/step.test.ts`],
  },
  {
    name: 'reserve',
    without: 'attempts under way are not counted, and together overspend',
    patches: [patch(`${SESSION}/budget.ts`, '  budget.reserved += slice\n', '  void slice\n')],
    tests: ['tests/money/schedules.test.ts'],
  },
  {
    name: 'nothing is assigned that the budget cannot cover',
    without: 'the budget is a wish',
    patches: [
      patch(
        `${SESSION}/budget.ts`,
        'budget.spent + budget.reserved + slice <= budget.limit',
        'budget.spent <= budget.limit',
      ),
    ],
    tests: ['tests/money/schedules.test.ts'],
  },
  {
    name: 'settle',
    without: 'what was spent is forgotten',
    patches: [patch(`${SESSION}/budget.ts`, '  budget.spent += cost\n', '  void cost\n')],
    tests: ['tests/money/schedules.test.ts'],
  },
  {
    name: 'what vanished is charged in full',
    without: 'money of a lost agent is spent a second time',
    patches: [
      patch(
        `${SESSION}/budget.ts`,
        '  budget.spent += slice\n  budget.unreconciled',
        '  budget.unreconciled',
      ),
    ],
    tests: ['tests/money/schedules.test.ts'],
  },
  {
    name: 'each call of a reply once',
    without: 'a usage report that names a call twice is billed twice',
    patches: [
      patch(
        `${SESSION}/budget.ts`,
        'if (!byCall.has(charge.call)) byCall.set(charge.call, charge)',
        'byCall.set(byCall.size, charge)',
      ),
    ],
    tests: ['tests/money/schedules.test.ts'],
  },
  {
    name: 'no call that the slice cannot cover',
    without: 'an agent spends more than was reserved for it',
    patches: [
      patch(
        `${RUNTIME}/metered-model.ts`,
        'if (this.#chargedMicros + worst > sliceMicros) {',
        'if (worst < 0) {',
      ),
    ],
    tests: [`${RUNTIME}/metered-model.test.ts`],
  },
  {
    name: 'intent before the call',
    without: 'a call that a crash cut off is never charged',
    patches: [
      patch(
        `${RUNTIME}/metered-model.ts`,
        'if (!(await this.#claim(call, `${digest} ${this.#attempt.owner}`))) continue',
        'void digest',
      ),
    ],
    tests: [`${RUNTIME}/metered-model.test.ts`, `${RUNTIME}/crash.test.ts`],
  },
  {
    name: 'finished calls are kept',
    without: 'a crash pays for every call again',
    patches: [
      patch(
        `${RUNTIME}/metered-model.ts`,
        'if (kept?.request === digest) return kept.response',
        'if (kept?.request === `${digest} `) return kept.response',
      ),
    ],
    tests: [`${RUNTIME}/metered-model.test.ts`, `${RUNTIME}/crash.test.ts`],
  },
  {
    name: 'synchronous=FULL',
    without: 'power loss takes what was accepted',
    patches: [
      patch(
        `${LOCAL}/database.ts`,
        'database.pragma(`synchronous = ${options.synchronous}`)',
        "database.pragma('synchronous = off')",
      ),
      patch(
        `${LOCAL}/database.ts`,
        "expectPragma(database, 'synchronous', options.synchronous === 'full' ? 2 : 1)",
        '',
      ),
    ],
    tests: [`${LOCAL}/database.test.ts`, `${LOCAL}/sync.test.ts`],
  },
  {
    name: 'objects are synced before they have a name',
    without: 'power loss leaves evidence of zeros',
    patches: [patch(`${LOCAL}/object-store.ts`, '      await file.sync()\n', '')],
    tests: [`${LOCAL}/sync.test.ts`],
  },
  {
    name: 'names of objects are synced',
    without: 'power loss takes the names of what was stored',
    patches: [
      patch(`${LOCAL}/object-store.ts`, '        await folders.sync(folder)\n', '        void folder\n'),
    ],
    tests: [`${LOCAL}/sync.test.ts`],
  },
  {
    name: 'sent only when it is in the journal',
    without: 'a crash leaves agents working on what nobody decided',
    patches: [
      patch(
        `${RUNTIME}/coordinator.ts`,
        '    await this.#writer.append(entries)\n    const { bus } = this.#ports\n',
        '    const { bus } = this.#ports\n',
      ),
      patch(
        `${RUNTIME}/coordinator.ts`,
        '    if (deliveries.length > 0) await bus.acknowledge(deliveries)\n',
        '    if (deliveries.length > 0) await bus.acknowledge(deliveries)\n    await this.#writer.append(entries)\n',
      ),
    ],
    tests: [`${RUNTIME}/swarm.test.ts`, `${RUNTIME}/crash.test.ts`],
  },
  {
    name: 'an agent obeys its coordinator alone',
    without: 'an agent works for whoever writes to it',
    patches: [
      patch(
        `${RUNTIME}/agent-host.ts`,
        'message.sender !== agentName(session, COORDINATOR)',
        "message.sender === ''",
      ),
    ],
    tests: [`${RUNTIME}/obedience.test.ts`],
  },
  {
    name: 'quotes must match',
    without: 'a quote that nobody wrote is evidence',
    patches: [
      patch('packages/evidence/src/quotes.ts', "? 'normalised' : 'absent'", "? 'normalised' : 'normalised'"),
    ],
    tests: ['packages/evidence/src/quotes.test.ts', 'packages/evidence/src/assess.test.ts'],
  },
  {
    name: 'two sources for "verified"',
    without: 'one source makes a claim verified',
    patches: [patch('packages/evidence/src/assess.ts', ': sources === 1\n', ': sources === 0\n')],
    tests: ['packages/evidence/src/assess.test.ts'],
  },
  {
    name: 'a contradiction disputes',
    without: 'what sources say against a claim is not told',
    patches: [
      patch(
        'packages/evidence/src/assess.ts',
        '    contradictions.length > 0\n',
        '    contradictions.length < 0\n',
      ),
    ],
    tests: ['packages/evidence/src/assess.test.ts'],
  },
  {
    name: 'claim checks are hashed again',
    without: 'whoever can write to the store changes what was signed',
    patches: [
      patch(
        `${RUNTIME}/claim-check.ts`,
        'if (bytes.length !== check.bytes || sha256Hex(bytes, primitives) !== check.sha256) {',
        'if (bytes.length !== check.bytes) {',
      ),
    ],
    tests: ['tests/hostile/hostile.test.ts'],
  },
  {
    name: 'evidence is hashed again',
    without: 'a source that was changed is quoted as though it were not',
    patches: [
      patch(
        `${AUDIT}/claim-check.ts`,
        'if (sha256Hex(bytes, primitives) === sha256) return',
        'if (bytes.length >= 0) return',
      ),
    ],
    tests: [`${AUDIT}/verify-session.test.ts`],
  },
  {
    name: 'chain, when a session is taken up',
    without: 'a journal that was changed is gone on with',
    patches: [
      patch(
        `${RUNTIME}/load-session.ts`,
        'if (row.seq !== length || row.hash !== hash)',
        'if (row.seq !== length)',
      ),
    ],
    tests: [`${RUNTIME}/load-session.test.ts`],
  },
  {
    name: 'chain, when a session is verified',
    without: 'a journal that was changed verifies',
    patches: [
      patch(
        `${AUDIT}/journal-check.ts`,
        '} else if (row.hash !== expected) {',
        '} else if (row.hash === null) {',
      ),
    ],
    tests: [`${AUDIT}/verify-session.test.ts`],
  },
  {
    name: 'checkpoints',
    without: 'a journal that was written anew verifies',
    patches: [
      patch(`${AUDIT}/journal-check.ts`, '} else if (head !== before) {', '} else if (head === null) {'),
    ],
    tests: [`${AUDIT}/verify-session.test.ts`, `${AUDIT}/hostile.test.ts`],
  },
  {
    name: 'paths of object keys',
    without: 'a key leads out of the store',
    patches: [
      patch(
        `${LOCAL}/object-key.ts`,
        "if (segment === '.' || segment === '..') reject(`\"${segment}\" is not allowed`)",
        '',
      ),
    ],
    tests: [`${LOCAL}/object-store.test.ts`, `${LOCAL}/compliance.test.ts`],
  },
  {
    name: 'public addresses only',
    without: 'evidence is fetched from the machine and its network',
    patches: [
      patch('drivers/sources/src/public-address.ts', "if (parsed.range() !== 'unicast') return false", ''),
    ],
    tests: ['drivers/sources/src/public-address.test.ts'],
  },
  {
    name: 'all addresses of a host',
    without: 'a name with two addresses leads inside',
    patches: [
      patch(
        'drivers/sources/src/public-address.ts',
        'if (inside) throw',
        'if (inside === addresses[0] && inside) throw',
      ),
    ],
    tests: ['drivers/sources/src/public-address.test.ts', 'drivers/sources/src/fetch-url.test.ts'],
  },
]
