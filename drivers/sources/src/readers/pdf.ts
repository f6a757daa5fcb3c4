import { SourceError } from '../source.ts'
import { blocksOfLines } from './pdf-blocks.ts'
import { linesOfPage, type PdfLine, type PdfRun, withoutRunningHeads } from './pdf-lines.ts'
import type { Reader, Reading } from './reader.ts'
import { withoutStrays } from './stray-rejections.ts'

const PAGES_MAX = 5_000
const RUNS_MAX = 5_000_000
/** Checked between pages and batches of runs; a manual of 50 MB takes a few seconds. */
const READING_MS_MAX = 120_000

type PdfDocument = Awaited<ReturnType<typeof import('unpdf/pdfjs')['getDocument']>['promise']>

export const pdfReader: Reader = {
  name: 'pdf/1',
  read: (bytes, { name, signal }) =>
    withoutStrays(async () => {
      const document = await openPdf(bytes, name)
      try {
        return await readPdf(document, name, signal)
      } finally {
        await document.loadingTask.destroy()
      }
    }),
}

async function openPdf(bytes: Uint8Array, name: string): Promise<PdfDocument> {
  const { getDocument, VerbosityLevel } = await import('unpdf/pdfjs')
  try {
    return await getDocument({
      // The library takes the buffer away from its caller.
      data: new Uint8Array(bytes),
      verbosity: VerbosityLevel.ERRORS,
      disableFontFace: true,
      useSystemFonts: true,
      useWorkerFetch: false,
      disableAutoFetch: true,
      enableXfa: false,
      stopAtErrors: false,
    }).promise
  } catch (error) {
    if (error instanceof Error && error.name === 'PasswordException')
      throw new SourceError(
        'encrypted',
        `${name} is protected by a password. Save a copy without it (in a PDF viewer: print to PDF, or qpdf --decrypt) and name that.`,
        { cause: error },
      )
    throw corrupt(name, error)
  }
}

function corrupt(name: string, error: unknown): SourceError {
  const why = error instanceof Error ? error.message : String(error)
  return new SourceError(
    'corrupt',
    `${name} is a damaged PDF (${why.replace(/\.$/, '')}). Copy it again from where it came from, or open it in a viewer and save it anew.`,
    { cause: error },
  )
}

async function readPdf(
  document: PdfDocument,
  name: string,
  signal: AbortSignal | undefined,
): Promise<Reading> {
  if (document.numPages > PAGES_MAX)
    throw new SourceError(
      'too-large',
      `${name} has ${document.numPages} pages; the limit is ${PAGES_MAX}. Split it, or name only the part that matters.`,
    )
  const deadline = performance.now() + READING_MS_MAX
  const pages: PdfLine[][] = []
  const silent: number[] = []
  const broken: number[] = []
  let runsLeft = RUNS_MAX
  for (let number = 1; number <= document.numPages; number++) {
    signal?.throwIfAborted()
    if (performance.now() > deadline)
      throw new SourceError(
        'slow',
        `${name} takes longer than ${READING_MS_MAX / 1000} s to read. Split it, or save it anew in a PDF viewer.`,
      )
    const runs = await runsOfPage(document, number, runsLeft, name).catch((error: unknown) => {
      if (error instanceof SourceError) throw error
      broken.push(number)
      return []
    })
    runsLeft -= runs.length
    pages.push(linesOfPage(runs, number))
    if (pages.at(-1)?.length === 0 && !broken.includes(number)) silent.push(number)
  }
  if (broken.length === document.numPages) throw corrupt(name, 'none of its pages can be read')
  const notes: Reading['notes'] = []
  if (silent.length > 0)
    notes.push({ code: 'no-text', detail: noTextDetail(name, silent, document.numPages) })
  if (broken.length > 0)
    notes.push({
      code: 'incomplete',
      detail: `${name}: ${pageList(broken)} could not be read. Open it in a PDF viewer and save it anew.`,
    })
  const blocks = blocksOfLines(withoutRunningHeads(pages))
  const title = (await titleOf(document)) ?? blocks.find(({ kind }) => kind === 'heading')?.text
  return { ...(title ? { title } : {}), blocks, notes }
}

async function runsOfPage(
  document: PdfDocument,
  number: number,
  runsMax: number,
  name: string,
): Promise<PdfRun[]> {
  const page = await document.getPage(number)
  const runs: PdfRun[] = []
  const reader = page.streamTextContent({ includeMarkedContent: false }).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    for (const item of value.items) {
      if (!('str' in item)) continue
      const [a = 0, b = 0, , , x = 0, y = 0] = item.transform as number[]
      // Text that runs upwards has its own lines; its height is the length of the other axis.
      const height = item.height || Math.hypot(a, b)
      runs.push({ text: item.str, x, y, width: item.width, height, font: item.fontName })
    }
    if (runs.length > runsMax) {
      await reader.cancel(new Error('too much text'))
      throw new SourceError(
        'too-large',
        `${name} holds more text than can be read at once. Split it, or name only the part that matters.`,
      )
    }
  }
  page.cleanup()
  return runs
}

function noTextDetail(name: string, silent: number[], pages: number): string {
  const what =
    silent.length === pages
      ? 'has no text layer: it is a scan or pictures only'
      : `has no text layer on ${pageList(silent)}`
  return `${name} ${what}. Run OCR first (for example ocrmypdf) and name the result.`
}

function pageList(numbers: number[]): string {
  const told = numbers.slice(0, 10).join(', ')
  const more = numbers.length - 10
  return `${numbers.length === 1 ? 'page' : 'pages'} ${told}${more > 0 ? ` and ${more} more` : ''}`
}

/** What the file's properties say, unless it is what programs put there by themselves. */
async function titleOf(document: PdfDocument): Promise<string | undefined> {
  const data = await document.getMetadata().catch(() => undefined)
  const info: unknown = data?.info
  const title =
    info && typeof info === 'object' && 'Title' in info && typeof info.Title === 'string'
      ? info.Title.trim()
      : ''
  return title === '' ||
    /^(?:untitled|document\d*|microsoft \w+ - .*|.*\.(?:docx?|indd|qxd|pdf|tex|dvi))$/i.test(title)
    ? undefined
    : title.toWellFormed()
}
