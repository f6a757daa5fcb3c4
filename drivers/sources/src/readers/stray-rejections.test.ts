import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { makePdf } from '../testing/make-pdf.ts'

/** In a process of its own: the runner of the tests listens for unhandled rejections as well. */
function run(code: string, input: Uint8Array = new Uint8Array()) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', code], {
    input,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)

// Found by npm run fuzz: the second page was fetched ahead, failed, and took the program with it.
test('a PDF whose second page is damaged ends nothing', () => {
  const text = Buffer.from(makePdf([[{ text: 'The impeller is due.', x: 50, y: 740 }], []])).toString(
    'latin1',
  )
  const damaged = text.replace('/Count 2', '/Counununt 2').replace('endobj\n7 0 obj', 'endob0 obj')
  expect(damaged).not.toBe(text)
  expect(damaged).toContain('endob0 obj')
  const code = `
    import { readFileSync } from 'node:fs'
    import { readSource } from ${url('../read-source.ts')}
    const { source, problems } = await readSource({ name: 'a.pdf', bytes: readFileSync(0) })
    await new Promise((resolve) => setTimeout(resolve, 50))
    console.log(source.document.blocks[0].text, problems[0].code)`
  expect(run(code, Buffer.from(damaged, 'latin1'))).toMatchObject({
    status: 0,
    stdout: 'The impeller is due. incomplete\n',
  })
})

test('a rejection from elsewhere ends the process while a PDF is read as it does at any time', () => {
  const code = `
    import { withoutStrays } from ${url('stray-rejections.ts')}
    await withoutStrays(async () => { Promise.reject(new Error('somebody else')) })
    console.log('goes on')`
  const { status, stdout, stderr } = run(code)
  expect(status).not.toBe(0)
  expect(stdout).toBe('')
  expect(stderr).toContain('somebody else')
})
