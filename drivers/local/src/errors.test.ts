import { DriverError } from '@infrafabric/ports'
import { expect, it } from 'vitest'
import { localError } from './errors.ts'

const failed = (code: string) =>
  localError(Object.assign(new Error('as the library said it'), { code, errno: -1 }), 'put', '/home/x')

it('translates each code to ours', () => {
  const table = [
    ['SQLITE_FULL', 'full'],
    ['SQLITE_IOERR_SHMSIZE', 'full'],
    ['ENOSPC', 'full'],
    ['EDQUOT', 'full'],
    ['SQLITE_BUSY', 'busy'],
    ['SQLITE_BUSY_SNAPSHOT', 'busy'],
    ['SQLITE_READONLY', 'denied'],
    ['SQLITE_READONLY_DBMOVED', 'denied'],
    ['SQLITE_CANTOPEN', 'denied'],
    ['EACCES', 'denied'],
    ['EPERM', 'denied'],
    ['EROFS', 'denied'],
    ['SQLITE_CORRUPT', 'corrupt'],
    ['SQLITE_CORRUPT_INDEX', 'corrupt'],
    ['SQLITE_NOTADB', 'corrupt'],
    ['ENOENT', 'not-found'],
    ['SQLITE_IOERR_FSYNC', 'unavailable'],
    ['EIO', 'unavailable'],
    ['EMFILE', 'unavailable'],
    ['ENAMETOOLONG', 'invalid'],
    ['ENOTDIR', 'conflict'],
    ['ESOMETHINGNEW', 'unavailable'],
  ]
  for (const [code = '', ours] of table) expect([code, failed(code)]).toMatchObject([code, { code: ours }])
})

it('names the path, keeps the cause and the code it came from', () => {
  const error = failed('ENOSPC')
  expect(error).toBeInstanceOf(DriverError)
  expect(error).toMatchObject({ operation: 'put', cause: { code: 'ENOSPC' } })
  expect(String(error)).toMatch(/^DriverError: \/home\/x: the disk or the quota is full\..*\(ENOSPC\)$/)
})

it('passes on what is no error of the disk', () => {
  const ours = new DriverError('conflict', 'append', 'somebody was faster')
  const abort = AbortSignal.abort().reason
  const bug = new TypeError('a mistake of ours')
  const argument = Object.assign(new TypeError('a mistake of ours'), { code: 'ERR_INVALID_ARG_TYPE' })
  for (const error of [ours, abort, bug, argument]) expect(localError(error, 'put', '/home/x')).toBe(error)
})
