import { readFileSync } from 'node:fs'
import { createEvidenceIndex, type Document, matchQuote, passagesOf } from '@infrafabric/evidence'
import { canonicalize, type Json } from '@infrafabric/protocol'
import { readSource } from '../../../drivers/sources/src/read-source.ts'
import { SourceError } from '../../../drivers/sources/src/source.ts'
import { makePdf } from '../../../drivers/sources/src/testing/make-pdf.ts'
import { type Decoder, demand, type Judgement, type Target } from '../decoder.ts'
import { mutateBytes } from '../mutate-bytes.ts'

const documents = new URL('../../../examples/navidocs/documents/', import.meta.url)

function example(path: string): Uint8Array {
  return readFileSync(new URL(path, documents))
}

function text(content: string): Uint8Array {
  return Buffer.from(content)
}

async function read(name: string, bytes: Uint8Array): Promise<Document | undefined> {
  try {
    return (await readSource({ name, bytes })).source.document
  } catch (error) {
    if (error instanceof SourceError) return undefined
    throw error
  }
}

const KINDS: ReadonlySet<string> = new Set(['heading', 'text', 'item', 'row', 'code'])

/** What packages/evidence says of every document, and what all who store and quote it rely on. */
function checkDocument(document: Document): void {
  canonicalize(document as unknown as Json)
  demand(document.blocks.length > 0, 'a document without blocks')
  for (const { kind, level, text: words, place } of document.blocks) {
    demand(KINDS.has(kind), `a block of kind ${kind}`)
    demand(
      words.trim() !== '' && words.isWellFormed(),
      'a block without words, or with half a surrogate pair',
    )
    demand(!words.includes('\r'), 'a line break that is not \\n')
    demand(
      kind !== 'heading' || (level !== undefined && level >= 1 && level <= 6),
      `a heading of level ${level}`,
    )
    for (const at of [place.page, place.line, place.lineEnd]) {
      demand(at === undefined || (Number.isSafeInteger(at) && at >= 1), `place ${at}`)
    }
    demand((place.lineEnd ?? place.line ?? 1) >= (place.line ?? 1), 'it ends before it begins')
  }
  const passages = passagesOf(document)
  for (const passage of passages) {
    const { source, passage: number, text: words } = passage
    demand(words.isWellFormed() && words.trim() !== '', 'a passage without words')
    demand(
      matchQuote({ source, passage: number, text: words }, passage) === 'exact',
      'a passage that does not match itself',
    )
  }
  createEvidenceIndex([document]).search('engine service due', 3)
}

async function judge(name: string, bytes: Uint8Array): Promise<Judgement> {
  const document = await read(name, bytes)
  if (document === undefined) return 'refused'
  checkDocument(document)
  const again = await read(name, bytes)
  demand(JSON.stringify(again) === JSON.stringify(document), 'read again, it is another document')
  return 'accepted'
}

interface Format {
  name: string
  file: string
  share: number
  seeds: Uint8Array[]
  words: string[]
}

const HTML_WORDS = (
  '<table> <tr> <td colspan=9999999> <td rowspan=9999999> </table> <div> <pre> <script> <style> <!-- --> <![CDATA[ ' +
  '<title> <meta charset=utf-16> <h1> </h7> <li> <dd> <dt> <svg> &#0; &#x110000; &#xd800; &nbsp; &lt <p hidden> </'
).split(' ')

const formats: Format[] = [
  {
    name: 'text',
    file: 'a.txt',
    share: 0.006,
    seeds: [example('legal/insurance-policy.txt'), example('safety/life-raft-certificate.txt')],
    words: ['\n\n', '- ', '1. ', '====\n', '\r', '\t', '\ufeff', '\u0085', '\u2028', '\f', '\0'],
  },
  {
    name: 'markdown',
    file: 'a.md',
    share: 0.004,
    seeds: [example('handover-notes.md')],
    words: '# * _ ** ` ``` ~~~ > | --- [a](b) ![ <div> --- === \\ &amp; 1. - [^1] <!--'.split(' '),
  },
  {
    name: 'html',
    file: 'a.html',
    share: 0.004,
    seeds: [example('engines/service-bulletin-TB-2026-04.html'), example('marina/berth-account-C14.html')],
    words: HTML_WORDS,
  },
  {
    name: 'csv',
    file: 'a.csv',
    share: 0.004,
    seeds: [example('engines/fuel-log.csv'), text('a;b\n1,5;"x""y"\n2;"z\nz"\n')],
    words: [',', ';', '\t', '"', '""', '\r\n', '\n', '=cmd()', '\ufeff'],
  },
  {
    name: 'json',
    file: 'a.json',
    share: 0.004,
    seeds: [
      example('legal/ship-radio-licence.json'),
      text('{"engine":{"hours":412.5,"due":["impeller","belt"]},"rows":[{"a":1,"b":null},{"a":2,"b":"x"}]}'),
    ],
    words: ['{', '[', '"__proto__":', '1e999', '\\ud800', ',', ':', 'null', '//', '\ufeff', '"a":'],
  },
  {
    name: 'yaml',
    file: 'a.yaml',
    share: 0.003,
    seeds: [
      example('maintenance/maintenance-schedule.yaml'),
      text(
        'engine:\n  hours: 412.5\n  due: [impeller, belt]\nrows:\n  - {a: 1, b: ~}\n  - a: 2\n    b: |\n      x\n',
      ),
    ],
    words: [
      '&a ',
      '*a',
      '<<: *a',
      '!!binary ',
      '---\n',
      '? ',
      '|\n',
      '>-\n',
      '\t',
      '{',
      '[',
      '- ',
      ': ',
      '%YAML 1.1\n',
      '__proto__: ',
    ],
  },
  {
    name: 'email',
    file: 'a.eml',
    share: 0.003,
    seeds: [
      example('correspondence/2027-01-25-yard-quote-engines.eml'),
      example('correspondence/2027-02-23-insurer-to-broker.eml'),
    ],
    words: [
      '\r\n\r\n',
      '--',
      'Content-Type: multipart/mixed; boundary="x"\r\n',
      'Content-Transfer-Encoding: base64\r\n',
      'Content-Transfer-Encoding: quoted-printable\r\n',
      '=?utf-8?B?',
      '=?utf-8?Q?',
      '?=',
      '=3D',
      '=\r\n',
      'charset=utf-7',
      'Subject: ',
      '--x\r\n',
      '--x--',
    ],
  },
  {
    name: 'pdf',
    file: 'a.pdf',
    share: 0.00075,
    seeds: [
      makePdf([
        [
          { text: 'Engine manual', x: 50, y: 780, size: 18, bold: true },
          { text: 'The impeller is due at 2,000 hours.', x: 50, y: 740 },
        ],
        [],
      ]),
    ],
    words: [
      '/Length 99999999',
      '/Filter /FlateDecode',
      'endstream',
      'obj',
      '<< /Type /Page /Parent 2 0 R',
      '/Kids [2 0 R]',
      '1 0 R',
      'xref',
      'trailer',
      '/Encrypt 1 0 R',
      '(',
      ')',
      'BT ',
      ' Tj',
    ],
  },
]

function decoderOf({ name, file, share, seeds, words }: Format): Decoder {
  return {
    name,
    share,
    hangMs: 20_000,
    open: (): Target => ({
      generate(random) {
        const seed = random.pick(seeds)
        if (random.chance(0.01)) return { data: seed, resigned: false }
        return { data: mutateBytes(random, seed, seeds, words), resigned: false }
      },
      judge: ({ data }) => judge(file, typeof data === 'string' ? Buffer.from(data) : data),
    }),
  }
}

export const sourceDecoders: readonly Decoder[] = formats.map(decoderOf)
