import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalize } from '@infrafabric/protocol'
import Database from 'better-sqlite3'

/** Rows that the floor commits together. */
const GROUP = 100

/**
 * The least that a signed and durable task could cost with plain means: a request and a result, each written
 * canonically, signed, verified and read; two rows a task, committed in groups to SQLite with synchronous=FULL.
 * No session, no bus, no budget, no checks. Returns milliseconds.
 */
export function floorMs(tasks: number): number {
  const folder = mkdtempSync(join(tmpdir(), 'infrafabric-floor-'))
  const database = new Database(join(folder, 'floor.db'))
  try {
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.exec('CREATE TABLE rows (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)')
    const insert = database.prepare('INSERT INTO rows VALUES (?, ?)')
    const commit = database.transaction((rows: [number, string][]) => {
      for (const row of rows) insert.run(...row)
    })
    const coordinator = generateKeyPairSync('ed25519')
    const agent = generateKeyPairSync('ed25519')
    const started = performance.now()
    let rows: [number, string][] = []
    for (let task = 0; task < tasks; task++) {
      for (const [at, keys] of [coordinator, agent].entries()) {
        const text = canonicalize(message(task, at))
        const bytes = Buffer.from(text)
        const signature = sign(null, bytes, keys.privateKey)
        if (!verify(null, bytes, keys.publicKey, signature))
          throw new Error('a fresh signature does not verify')
        JSON.parse(text)
        rows.push([2 * task + at, text])
      }
      if (rows.length >= GROUP) {
        commit(rows)
        rows = []
      }
    }
    commit(rows)
    return performance.now() - started
  } finally {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** As large as the session's own messages without their signatures. */
function message(task: number, seq: number) {
  return {
    v: 1,
    performative: 'request',
    sender: 'if://agent/bench-abcd/coordinator',
    receiver: 'if://agent/bench-abcd/h01',
    conversation_id: `if://conversation/bench-abcd/t${task}`,
    message_id: `if://message/bench-abcd/coordinator/1.${task}`,
    timestamp: 1_700_000_000_000 + task,
    content: {
      kind: 'task',
      task: `t${task}`,
      attempt: 1,
      role: 'worker',
      question: `Do task ${task}`,
      objective: 'Nothing at all',
    },
    citation: null,
    session_id: 'bench-abcd',
    key_id: 'ed25519:0123456789abcdef0123456789abcdef',
    epoch: 1,
    seq,
    in_reply_to: null,
    expires_at: 1_700_000_300_000,
  }
}
