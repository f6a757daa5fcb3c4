import { DriverError, type DriverErrorCode } from '@infrafabric/ports'

interface Verdict {
  code: DriverErrorCode
  /** What happened and what to do; stands after the path. */
  sentence: string
}

const full: Verdict = {
  code: 'full',
  sentence:
    'the disk or the quota is full. Nothing that was accepted is lost; free some space and continue with `infrafabric resume`.',
}
const denied: Verdict = {
  code: 'denied',
  sentence: 'not permitted. Check who owns it, its permissions, and that its file system is writable.',
}
const busy: Verdict = {
  code: 'busy',
  sentence: 'another process holds it for too long. Try again when that process is done.',
}
const corrupt: Verdict = {
  code: 'corrupt',
  sentence:
    'the file is damaged. Do not write to it: keep a copy of the whole home, and restore it from a backup or an export.',
}
const failing: Verdict = {
  code: 'unavailable',
  sentence: 'the disk reported an input/output error. Check the disk and the system log before you go on.',
}
const missing: Verdict = { code: 'not-found', sentence: 'does not exist. Check the name, and `--home`.' }
const exhausted: Verdict = {
  code: 'unavailable',
  sentence: 'too many open files. Raise the limit (`ulimit -n`) or run fewer agents.',
}
const blocked: Verdict = {
  code: 'conflict',
  sentence: 'a file stands where a folder is needed, or the other way round. Move it away.',
}
const overlong: Verdict = {
  code: 'invalid',
  sentence: 'the name is too long for this file system. Use a shorter path.',
}

/** SQLite's (https://www.sqlite.org/rescode.html) and the operating system's codes. An extended SQLite code that is not named counts as its stem. */
const VERDICTS: ReadonlyMap<string, Verdict> = new Map([
  ['SQLITE_FULL', full],
  // Growing the shared memory file fails in this way on a full disk.
  ['SQLITE_IOERR_SHMSIZE', full],
  ['SQLITE_BUSY', busy],
  ['SQLITE_LOCKED', busy],
  ['SQLITE_READONLY', denied],
  ['SQLITE_PERM', denied],
  ['SQLITE_AUTH', denied],
  ['SQLITE_CANTOPEN', denied],
  ['SQLITE_CORRUPT', corrupt],
  ['SQLITE_NOTADB', corrupt],
  // A column that holds another type, or a table that is gone: nobody but damage does that.
  ['SQLITE_SCHEMA', corrupt],
  ['SQLITE_IOERR_CORRUPTFS', corrupt],
  ['SQLITE_IOERR', failing],
  [
    'SQLITE_NOMEM',
    { code: 'unavailable', sentence: 'out of memory. Close other programs or run fewer agents.' },
  ],
  ['SQLITE_TOOBIG', { code: 'too-large', sentence: 'too large for one row. Store it as an object.' }],
  ['ENOSPC', full],
  ['EDQUOT', full],
  ['EFBIG', { code: 'too-large', sentence: 'larger than this file system allows.' }],
  ['EACCES', denied],
  ['EPERM', denied],
  ['EROFS', denied],
  ['ENOENT', missing],
  ['ENOTDIR', blocked],
  ['EISDIR', blocked],
  ['EEXIST', { code: 'conflict', sentence: 'is in the way. Move it away.' }],
  ['EBUSY', busy],
  ['EIO', failing],
  ['EMFILE', exhausted],
  ['ENFILE', exhausted],
  ['ENAMETOOLONG', overlong],
  ['ELOOP', { code: 'invalid', sentence: 'symbolic links lead in a circle. Remove one.' }],
])

/** The code of SQLite or of the operating system, as in `SQLITE_FULL` or `ENOSPC`. */
export function codeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return ''
  return typeof cause.code === 'string' ? cause.code : ''
}

/** Translates what SQLite or the file system threw. Our own errors and aborts pass unchanged. */
export function localError(cause: unknown, operation: string, path: string): unknown {
  const code = codeOf(cause)
  if (cause instanceof DriverError || !isOfTheDisk(cause, code)) return cause
  const verdict = VERDICTS.get(code) ?? VERDICTS.get(stem(code)) ?? failing
  return new DriverError(verdict.code, operation, `${path}: ${verdict.sentence} (${code})`, { cause })
}

/** Node's own codes, as `ERR_INVALID_ARG_TYPE` and `ABORT_ERR`, are mistakes of ours or aborts; only the system's come with a number. */
function isOfTheDisk(cause: unknown, code: string): boolean {
  if (code.startsWith('SQLITE_')) return true
  return code !== '' && typeof cause === 'object' && cause !== null && 'errno' in cause
}

/** `SQLITE_IOERR_FSYNC` → `SQLITE_IOERR`. */
function stem(code: string): string {
  return code.startsWith('SQLITE_') ? code.split('_', 2).join('_') : code
}

/** Runs `work` and translates what it rejects with. */
export async function translating<T>(operation: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw localError(error, operation, path)
  }
}
