import { expect, test } from 'vitest'
import { blocksOf, outline, readText } from '../testing/read.ts'

test('reads headings, paragraphs and items, with lines', async () => {
  const page =
    '<!DOCTYPE html>\n<title>My &amp; berth</title>\n<h1>Berth <b>C14</b></h1>\n<p>Fee:\n&euro;12,480.00<br>a year\n<ul><li><p>First<li>Second</ul>\ntail'
  expect(await blocksOf('a.html', page)).toEqual([
    { kind: 'heading', level: 1, text: 'Berth C14', place: { line: 3 } },
    { kind: 'text', text: 'Fee: €12,480.00\na year', place: { line: 4 } },
    { kind: 'item', text: 'First', place: { line: 6 } },
    { kind: 'item', text: 'Second', place: { line: 6 } },
    { kind: 'text', text: 'tail', place: { line: 7 } },
  ])
  expect((await readText('a.html', page)).source.document.title).toBe('My & berth')
})

test('leaves out scripts, styles, navigation and what is hidden', async () => {
  const page =
    '<style>p{}</style><script>var a="<p>no"</script><nav><p>no</nav><p hidden>no<p style="display: none">no<div aria-hidden=true><p>no</p></div><p>yes</p><noscript>no</noscript>'
  expect(await outline('a.html', page)).toEqual(['text yes'])
})

test('names each cell by its own column, also where cells span', async () => {
  const page = `<table><thead><tr><th rowspan=2>Engine<th colspan=2>Hours</tr><tr><th>before<th>after</tr></thead>
<tr><td rowspan=2>port<td>1,312<td>1,320</tr><tr><td>1,330<td>1,340</tr><tr><td>starboard<td colspan=2>1,240</tr></table>`
  expect(await outline('a.html', page)).toEqual([
    'row Engine: port; Hours before: 1,312; Hours after: 1,320',
    'row Engine: port; Hours before: 1,330; Hours after: 1,340',
    'row Engine: starboard; Hours before: 1,240',
  ])
})

test('reads lists of terms, tables without headers and tables that lay out the page', async () => {
  const page =
    '<dl><dt>Length<dd>17.85 m</dl><table><tr><th>Yacht<td>MERIDIAN</table><table><tr><td>Left words<table><tr><td>a<td>b</table></table>'
  expect(await outline('a.html', page)).toEqual([
    'row Length: 17.85 m',
    'row Yacht: MERIDIAN',
    'text Left words',
    'row a: b',
  ])
})

test('counts the line from the first word, not from the space before it', async () => {
  expect(await blocksOf('a.html', '<h1 align=center>\n  <a>\n    chai')).toMatchObject([
    { text: 'chai', place: { line: 3 } },
  ])
})

test('honours the declared character set', async () => {
  const page = (declaration: string) => Buffer.from(`${declaration}<p>5\xa4 caf\xe9`, 'latin1')
  expect(await outline('a.html', page('<meta charset="iso-8859-15">'))).toEqual(['text 5€ café'])
  expect(
    await outline(
      'a.html',
      page('<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">'),
    ),
  ).toEqual(['text 5€ café'])
  expect(await outline('a.xhtml', page('<?xml version="1.0" encoding="iso-8859-15"?>'))).toEqual([
    'text 5€ café',
  ])
})

test('refuses a page of open tags only, and survives what a browser would', async () => {
  await expect(blocksOf('a.html', `${'<div><b>'.repeat(50_000)}deep`)).rejects.toMatchObject({
    code: 'corrupt',
  })
  expect(await outline('a.html', `${'<div><b>'.repeat(500)}deep`)).toEqual(['text deep'])
})
