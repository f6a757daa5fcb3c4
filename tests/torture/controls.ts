// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source text.
import type { Patch } from '../planted/tree.ts'

/** A guard taken out of the command: the harness that tries it must see it, or it sees nothing. */
export interface Control {
  name: string
  harness: 'kill -9' | 'lost writes' | 'two coordinators'
  patches: Patch[]
}

const LOCAL = 'drivers/local/src'
const METER = 'packages/runtime/src/metered-model.ts'

/** Lets two processes run one session, as where locks do not work: then the fence alone keeps them apart. */
export const WITHOUT_LOCK: Patch = {
  file: `${LOCAL}/session-lock.ts`,
  find: "file.exec('BEGIN EXCLUSIVE')",
  replace: "file.exec('BEGIN')",
}

export const CONTROLS: readonly Control[] = [
  {
    name: 'finished calls are not kept',
    harness: 'kill -9',
    patches: [
      {
        file: METER,
        find: 'if (kept?.request === digest) return kept.response',
        replace: 'if (kept?.request === `${digest} `) return kept.response',
      },
    ],
  },
  {
    name: 'no intent before a call',
    harness: 'kill -9',
    patches: [
      {
        file: METER,
        find: 'if (!(await this.#claim(call, `${digest} ${this.#attempt.owner}`))) continue',
        replace: 'void digest',
      },
    ],
  },
  {
    name: 'told before it is in the journal',
    harness: 'kill -9',
    patches: [
      {
        file: 'packages/runtime/src/coordinator.ts',
        find: '    await this.#writer.append(entries)\n    const { bus } = this.#ports\n',
        replace:
          '    for (const notice of notices) this.#options.onNotice?.(notice, this.#session)\n    await new Promise((resolve) => setTimeout(resolve, 25))\n    await this.#writer.append(entries)\n    const { bus } = this.#ports\n',
      },
    ],
  },
  {
    name: 'synchronous=OFF',
    harness: 'lost writes',
    patches: [
      {
        file: `${LOCAL}/database.ts`,
        find: 'database.pragma(`synchronous = ${options.synchronous}`)',
        replace: "database.pragma('synchronous = off')",
      },
      {
        file: `${LOCAL}/database.ts`,
        find: "expectPragma(database, 'synchronous', options.synchronous === 'full' ? 2 : 1)",
        replace: '',
      },
    ],
  },
  {
    name: 'objects are not synced',
    harness: 'lost writes',
    patches: [{ file: `${LOCAL}/object-store.ts`, find: '      await file.sync()\n', replace: '' }],
  },
  {
    name: 'names of objects are not synced',
    harness: 'lost writes',
    patches: [
      {
        file: `${LOCAL}/object-store.ts`,
        find: '        await folders.sync(folder)\n',
        replace: '        void folder\n',
      },
    ],
  },
  {
    name: 'no fence',
    harness: 'two coordinators',
    patches: [
      { file: `${LOCAL}/journal.ts`, find: 'if (first !== length) {', replace: 'if (first === undefined) {' },
      {
        file: `${LOCAL}/journal.ts`,
        find: 'INSERT INTO entry (position',
        replace: 'INSERT OR REPLACE INTO entry (position',
      },
    ],
  },
]
