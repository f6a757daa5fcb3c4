import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { decoderNamed, decoders, inputsOf } from './decoders.ts'
import { fuzzDecoder } from './fuzz-decoder.ts'
import { inputOf, readSavedInput, saveInput } from './saved-input.ts'

/**
 * `npm run fuzz -- [--inputs N] [--seed S] [--only decoder] [--from N]`: N inputs, shared among the decoders. A
 * failure saves its input below `.infrafabric/fuzz`; `npm run fuzz -- --replay FILE` judges that one again.
 */
const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '500000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    from: { type: 'string', default: '0' },
    replay: { type: 'string' },
  },
})

process.exitCode = values.replay === undefined ? await fuzz() : await replay(values.replay)

async function fuzz(): Promise<number> {
  const total = wholeNumber('inputs', values.inputs)
  const from = wholeNumber('from', values.from)
  const chosen = values.only === undefined ? decoders : [decoderNamed(values.only)]
  let failures = 0
  let inputs = 0
  process.stdout.write(
    `seed ${values.seed}\n${columns('decoder', 'inputs', 'accepted', 'refused', 'signed again', 'a second', 'slowest')}\n`,
  )
  for (const decoder of chosen) {
    const count = inputsOf(decoder, chosen, total)
    const result = await fuzzDecoder(decoder, { seed: values.seed, from, count })
    const rate = Math.round((result.accepted + result.refused) / Math.max(0.001, result.ms / 1000))
    const { accepted, refused, resigned } = result
    process.stdout.write(
      `${columns(decoder.name, result.inputs, accepted, refused, resigned, rate, `${Math.round(result.slowestMs)} ms`)}\n`,
    )
    for (const failure of result.failures) {
      const path = saveInput(join('.infrafabric', 'fuzz'), failure)
      process.stdout.write(
        `FAIL  ${failure.failure.split('\n').slice(0, 3).join('\n')}\n      again: npm run fuzz -- --replay ${path}\n`,
      )
    }
    failures += result.failures.length
    inputs += result.inputs
  }
  process.stdout.write(`${inputs} inputs, ${failures} failures\n`)
  return failures === 0 ? 0 : 1
}

async function replay(path: string): Promise<number> {
  const saved = readSavedInput(path)
  const target = await decoderNamed(saved.decoder).open(saved.corpus)
  const judgement = await target.judge(inputOf(saved))
  // An error that nobody waits for ends the process here.
  await setImmediate()
  process.stdout.write(`${saved.decoder}: ${judgement}; nothing is wrong any more\n`)
  return 0
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new RangeError(`--${option} ${text}: write a whole number`)
}

function columns(...cells: (string | number)[]): string {
  return cells.map((cell, at) => (at === 0 ? String(cell).padEnd(12) : String(cell).padStart(13))).join('')
}
