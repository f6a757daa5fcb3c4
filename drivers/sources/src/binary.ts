import { utf16WithoutMark } from './decode-text.ts'

const SAMPLE_BYTES = 8192

/** Zero bytes, or many control characters, near the beginning. Text in UTF-16 is text. */
export function isBinary(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, SAMPLE_BYTES)
  const [first, second, third, fourth] = sample
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return false
  // "PK": zip and what is built on it. 0x1f8b: gzip. 0x89: PNG. 0xffd8ff: JPEG.
  if (first === 0x50 && second === 0x4b && (third ?? 99) < 9 && (fourth ?? 99) < 9) return true
  if ((first === 0x1f && second === 0x8b) || (first === 0x89 && second === 0x50)) return true
  if (first === 0xff && second === 0xd8 && third === 0xff) return true
  // "{\\rtf": characters all of them, but no text that anybody could read.
  if (first === 0x7b && second === 0x5c && third === 0x72 && fourth === 0x74) return true
  if (utf16WithoutMark(sample)) return false
  let controls = 0
  if (sample.includes(0)) return true
  const start = sample.subarray(0, 1024)
  for (const byte of start) {
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) controls++
  }
  return controls > start.length * 0.05
}

/** Readers of PDF accept some bytes of junk before the header. */
export function startsWithPdf(bytes: Uint8Array): boolean {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 1024))
  const at = head.indexOf('%PDF-')
  return at === 0 || (at > 0 && (isBinary(bytes) || head.slice(0, at).trim() === ''))
}

const OFFICE = 'Save it as PDF or as plain text (File, Export) and name that.'
const PICTURE = 'a picture. Run OCR on it if it shows text, and name the result.'
const ARCHIVE = 'an archive. Unpack it and name the folder.'

/** What people do have in their folders, by extension, with the way out. */
export const KNOWN_BINARY: ReadonlyMap<string, string> = new Map([
  ...['doc', 'docx', 'odt', 'pages', 'rtf'].map((extension): [string, string] => [
    extension,
    `a word processor's file. ${OFFICE}`,
  ]),
  ...['xls', 'xlsx', 'ods', 'numbers'].map((extension): [string, string] => [
    extension,
    'a spreadsheet. Save its sheets as CSV and name those.',
  ]),
  ...['ppt', 'pptx', 'odp', 'key'].map((extension): [string, string] => [
    extension,
    `a presentation. ${OFFICE}`,
  ]),
  ...['png', 'jpg', 'jpeg', 'gif', 'webp', 'tif', 'tiff', 'bmp', 'heic', 'ico'].map(
    (extension): [string, string] => [extension, PICTURE],
  ),
  ...['zip', 'gz', 'tgz', 'tar', '7z', 'rar', 'bz2', 'xz', 'zst'].map((extension): [string, string] => [
    extension,
    ARCHIVE,
  ]),
  ['msg', 'an Outlook message. Save it as .eml or text and name that.'],
  ['epub', 'an e-book. Convert it to HTML, PDF or text and name that.'],
])
