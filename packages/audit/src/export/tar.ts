import { utf8 } from '@infrafabric/protocol'

/** Sizes and places in a tar file are whole blocks. */
export const BLOCK_BYTES = 512
/** Two blocks of zeros end an archive. */
export const TAR_END = new Uint8Array(2 * BLOCK_BYTES)
const SIZE_MAX = 8 ** 11 - 1
/** 1980-01-01, the same for every file: tar warns of the year 1970. */
const MTIME = '02263122000'

/**
 * The one header that a file may have in an export: POSIX ustar, mode 0644, owner and group 0. Reading compares
 * with this, so an export holds no links, no folders, no other fields, and no two ways of writing one file.
 */
export function tarHeader(name: string, size: number): Uint8Array {
  if (utf8(name).length > 100 || size > SIZE_MAX) throw new RangeError(`${name}: too long for a tar header`)
  const block = new Uint8Array(BLOCK_BYTES)
  const write = (text: string, at: number): void => block.set(utf8(text), at)
  write(name, 0)
  write('0000644', 100)
  write('0000000', 108)
  write('0000000', 116)
  write(size.toString(8).padStart(11, '0'), 124)
  write(MTIME, 136)
  write('        ', 148)
  write('0', 156)
  write('ustar', 257)
  write('00', 263)
  write('0000000', 329)
  write('0000000', 337)
  const sum = block.reduce((total, byte) => total + byte, 0)
  write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES)
}

/** Name and size as a header states them, when it is, byte for byte, the one that `tarHeader` writes for them. */
export function readTarHeader(block: Uint8Array): { name: string; size: number } | undefined {
  const name = latin1(block.subarray(0, 100)).replace(/\0+$/, '')
  const size = /^[0-7]{11}\0$/.exec(latin1(block.subarray(124, 136)))?.[0]
  if (size === undefined || !/^[A-Za-z0-9./_-]+$/.test(name)) return undefined
  const stated = { name, size: Number.parseInt(size, 8) }
  const expected = tarHeader(stated.name, stated.size)
  return block.every((byte, at) => byte === expected[at]) ? stated : undefined
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}
