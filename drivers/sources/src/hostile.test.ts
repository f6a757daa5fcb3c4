import { expect, test } from 'vitest'
import { blocksOf } from './testing/read.ts'

const long = (text: string) => text.repeat(Math.ceil(500_000 / text.length))

/** Each of these takes minutes where a pattern goes back over what it has read; the test's time limit is the check. */
test.each([
  '-',
  ' ',
  '\u00a0',
  '\t',
  '.',
  '. ',
  '>',
  '[',
  '(',
  '*',
  '_',
  '`',
  '<',
  '&',
  '=?',
  '"',
  '\\',
  '#',
  '|',
  'a-',
  '- ',
  '1. ',
  '{',
  '\n\n',
  '\n ',
  ';',
])('half a million characters of %j end soon in every format', async (text) => {
  for (const extension of ['txt', 'md', 'html', 'csv', 'json', 'yaml'])
    await blocksOf(`a.${extension}`, `x${long(text)}x`).catch((error: unknown) =>
      expect(error).toMatchObject({ name: 'SourceError' }),
    )
  const mail = `From: a\nSubject: x${long(text).replaceAll('\n', ' ')}x\nContent-Transfer-Encoding: quoted-printable\n\nx${long(text)}x`
  await blocksOf('a.eml', mail)
  await blocksOf('a.html', `<pre>x${long(text)}x</pre><p style="display${long(text)}">x`).catch(
    (error: unknown) => expect(error).toMatchObject({ name: 'SourceError' }),
  )
})
