import { DriverError } from '@infrafabric/ports'

const keyLengthMax = 1024
/** File systems allow 255 bytes a name. */
const segmentLengthMax = 255
const segmentForm = /^[A-Za-z0-9._:-]+$/

/** Segments of a key, or rejects with `invalid`: nothing that passes can leave the store's folder. */
export function segmentsOf(key: string, operation: string): string[] {
  const reject = (why: string): never => {
    throw new DriverError(
      'invalid',
      operation,
      `${JSON.stringify(key.slice(0, 200))} is not an object key: ${why}. A key is segments of A-Z a-z 0-9 . _ : - joined by "/".`,
    )
  }
  if (key.length > keyLengthMax) reject(`it is longer than ${keyLengthMax} characters`)
  const segments = key.split('/')
  for (const segment of segments) {
    if (segment === '') reject('it has an empty segment')
    if (segment === '.' || segment === '..') reject(`"${segment}" is not allowed`)
    if (segment.length > segmentLengthMax) reject(`a segment is longer than ${segmentLengthMax} characters`)
    if (!segmentForm.test(segment)) reject(`"${segment}" has another character`)
  }
  return segments
}
