/**
 * In canonical form a signature is one member of a flat run of text, so it can be put in and taken out without
 * writing the object again. `tail` is what follows the place of `signature` in the object, closing brace included;
 * `head` is never empty of members, because every signed object has one that sorts before `signature`.
 */
export function insertSignature(unsigned: string, tail: string, signature: string): string {
  return `${unsigned.slice(0, unsigned.length - tail.length)},"signature":${signature}${tail}`
}

/**
 * The reverse, for canonical text whose signature has been read. The last `,"signature":` before the tail is the
 * signature's own: nothing stands between it and the tail, it has no member of that name, and a text inside the
 * object would have its quotes escaped.
 */
export function withoutSignature(signed: string, tail: string): string {
  return signed.slice(0, signed.lastIndexOf(',"signature":', signed.length - tail.length)) + tail
}
