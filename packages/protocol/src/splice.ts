/**
 * In canonical form a signature is one member of a flat run of text, so it can be put in and taken out without
 * writing the object again. `tail` is what follows the place of `signature` in the object, closing brace included;
 * `head` is never empty of members, because every signed object has one that sorts before `signature`.
 */
export function insertSignature(unsigned: string, tail: string, signature: string): string {
  return `${unsigned.slice(0, unsigned.length - tail.length)},"signature":${signature}${tail}`
}

/** The reverse; `signed` must be canonical and `signature` the canonical text of its signature. */
export function withoutSignature(signed: string, tail: string, signature: string): string {
  const at = signed.length - tail.length - signature.length - ',"signature":'.length
  return signed.slice(0, at) + tail
}
