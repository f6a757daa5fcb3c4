import { isBinary, KNOWN_BINARY, startsWithPdf } from './binary.ts'
import type { Reader } from './readers/reader.ts'
import { SourceError } from './source.ts'

interface Kind {
  mediaTypes: readonly string[]
  /** Lower case, without the dot. */
  extensions: readonly string[]
  /** Readers are loaded when the first source of their kind appears: a PDF library costs a program's start. */
  load(): Promise<Reader>
}

const TEXT: Kind = {
  mediaTypes: ['text/plain'],
  extensions: ['txt', 'text', 'log', 'rst', 'adoc', 'org', 'asc'],
  load: async () => (await import('./readers/text.ts')).textReader,
}

const PDF: Kind = {
  mediaTypes: ['application/pdf', 'application/x-pdf'],
  extensions: ['pdf'],
  load: async () => (await import('./readers/pdf.ts')).pdfReader,
}

const KINDS: readonly Kind[] = [
  TEXT,
  PDF,
  {
    mediaTypes: ['text/markdown', 'text/x-markdown'],
    extensions: ['md', 'markdown', 'mdown', 'mdx'],
    load: async () => (await import('./readers/markdown.ts')).markdownReader,
  },
  {
    mediaTypes: ['text/html', 'application/xhtml+xml'],
    extensions: ['html', 'htm', 'xhtml'],
    load: async () => (await import('./readers/html.ts')).htmlReader,
  },
  {
    mediaTypes: ['text/csv', 'text/tab-separated-values'],
    extensions: ['csv', 'tsv', 'tab'],
    load: async () => (await import('./readers/csv.ts')).csvReader,
  },
  {
    mediaTypes: ['application/json', 'application/ld+json', 'application/geo+json', 'text/json'],
    extensions: ['json', 'geojson', 'webmanifest'],
    load: async () => (await import('./readers/json.ts')).jsonReader,
  },
  {
    mediaTypes: ['application/jsonl', 'application/x-ndjson'],
    extensions: ['jsonl', 'ndjson'],
    load: async () => (await import('./readers/json.ts')).jsonLinesReader,
  },
  {
    mediaTypes: ['application/yaml', 'text/yaml', 'application/x-yaml', 'text/x-yaml'],
    extensions: ['yaml', 'yml'],
    load: async () => (await import('./readers/yaml.ts')).yamlReader,
  },
  {
    mediaTypes: ['message/rfc822'],
    extensions: ['eml'],
    load: async () => (await import('./readers/email.ts')).emailReader,
  },
  {
    mediaTypes: [
      'text/x-source',
      'application/xml',
      'text/xml',
      'text/javascript',
      'application/javascript',
      'text/css',
    ],
    extensions: (
      'xml ts tsx mts cts js jsx mjs cjs vue svelte py rb go rs java kt swift c h cc cpp hpp cs php pl sh bash zsh ' +
      'ps1 sql css scss less lua r scala dart ex exs clj hs tf hcl toml ini cfg conf properties env gradle proto graphql tex'
    ).split(' '),
    load: async () => (await import('./readers/text.ts')).codeReader,
  },
]

export interface ChosenReader {
  reader: Reader
  mediaType: string
}

/**
 * By what the bytes plainly are, then by the declared type, then by the extension; what is none of these but
 * text is read as text. Throws SourceError: `unsupported`, `binary`.
 */
export async function chooseReader(
  name: string,
  bytes: Uint8Array,
  declaredType?: string,
): Promise<ChosenReader> {
  const extension = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  if (startsWithPdf(bytes)) return { reader: await PDF.load(), mediaType: 'application/pdf' }
  const declared = KINDS.find(
    ({ mediaTypes }) => declaredType !== undefined && mediaTypes.includes(declaredType),
  )
  const byExtension = KINDS.find(({ extensions }) => extensions.includes(extension))
  // Servers call everything they do not know text/plain.
  const kind = (declared === TEXT ? (byExtension ?? declared) : declared) ?? byExtension ?? TEXT
  if (kind !== PDF && isBinary(bytes)) throw binaryError(name, extension)
  return {
    reader: await kind.load(),
    mediaType: mediaTypeOf(kind, extension, declared ? declaredType : undefined),
  }
}

function mediaTypeOf(kind: Kind, extension: string, declared: string | undefined): string {
  if (declared !== undefined) return declared
  if (extension === 'tsv' || extension === 'tab') return 'text/tab-separated-values'
  if (extension === 'xml') return 'application/xml'
  return kind.mediaTypes[0] ?? 'text/plain'
}

function binaryError(name: string, extension: string): SourceError {
  const remedy = KNOWN_BINARY.get(extension)
  return remedy
    ? new SourceError('unsupported', `${name} is ${remedy}`)
    : new SourceError(
        'binary',
        `${name} is not text, nor a format that can be read. Convert it to PDF or text if it holds evidence.`,
      )
}
