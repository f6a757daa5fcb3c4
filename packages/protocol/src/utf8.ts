const encoder = new TextEncoder()

/** The text must be well-formed: a lone surrogate would come out as U+FFFD. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Whether the text takes at most so many bytes in UTF-8; counts only when its length leaves a doubt. */
export function fitsBytes(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) return false
  // A UTF-16 code unit takes at most three bytes.
  return text.length * 3 <= bytesMax || encoder.encode(text).length <= bytesMax
}
