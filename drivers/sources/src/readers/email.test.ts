import { expect, test } from 'vitest'
import { outline, readText } from '../testing/read.ts'

const head =
  'From: =?UTF-8?Q?Herv=C3=A9_B?= <h@example.com>\r\nTo: Ines <i@example.com>,\r\n Owen <o@example.com>\r\nDate: Mon, 25 Jan 2027 11:38:20 +0100\r\nSubject: =?utf-8?B?RGV2aXM=?= =?utf-8?Q?_engines?=\r\n'
const first = [
  'heading1 Devis engines',
  'row From: Hervé B <h@example.com>; To: Ines <i@example.com>, Owen <o@example.com>; Date: Mon, 25 Jan 2027 11:38:20 +0100',
]

test('keeps quoted lines apart and marked', async () => {
  const body =
    '\r\nNo. It is asleep.\r\n\r\n> Is it ready?\r\n> Really\r\n>> earlier words\r\nYours\r\n\r\n-----Original Message-----\r\nFrom: Marta\r\n\r\nThe fee is 5,820.\r\n'
  expect(await outline('a.eml', head + body)).toEqual([
    ...first,
    'text No. It is asleep.',
    'text > Is it ready?\nReally',
    'text > > earlier words',
    'text Yours',
    'text > Original Message\nFrom: Marta',
    'text > The fee is 5,820.',
  ])
})

test('decodes parts, takes the plain one of two, and names attachments', async () => {
  const mail = `${head}MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="outer"

Not a part.
--outer
Content-Type: multipart/alternative; boundary=inner

--inner
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Co=FBt total=20
: 3=
432 EUR
--inner
Content-Type: text/html

<p>other</p>
--inner--
--outer
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

${Buffer.from('À bientôt').toString('base64')}
--outer
Content-Type: application/pdf; name="a.pdf"
Content-Disposition: attachment; filename*=utf-8''re%C3%A7u.pdf

%PDF
--outer--
`
  const { source, problems } = await readText('a.eml', mail)
  expect(source.document.blocks.map(({ kind, text }) => `${kind} ${text}`).slice(2)).toEqual([
    'text Coût total\n: 3432 EUR',
    'text À bientôt',
    'row Attachment: reçu.pdf',
  ])
  expect(source.document.title).toBe('Devis engines')
  expect(problems).toMatchObject([{ code: 'incomplete', detail: expect.stringContaining('reçu.pdf') }])
})

test('reads a mail of HTML only', async () => {
  expect(await outline('a.eml', `${head}Content-Type: text/html; charset=utf-8\r\n\r\n<p>Bonjour`)).toEqual([
    ...first,
    'text Bonjour',
  ])
})

test('what has no headers is no mail', async () => {
  await expect(readText('a.eml', 'just words\n')).rejects.toMatchObject({ code: 'corrupt' })
})

test('parts within parts within parts end', async () => {
  let mail = 'Content-Type: text/plain\n\ndeep\n'
  for (let i = 0; i < 100; i++)
    mail = `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n${mail}\n--b${i}--\n`
  expect(await outline('a.eml', head.replaceAll('\r\n', '\n') + mail)).toEqual(first)
})
