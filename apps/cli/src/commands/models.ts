import { resolve } from 'node:path'
import { priceOf } from '@infrafabric/costs'
import { formatUsd } from '@infrafabric/session'
import { defaultHome, type ModelOption, surveyModels } from '../compose.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import { oneLine, plainText } from '../plain-text.ts'

const MODELS_SHOWN_MAX = 10

export async function execute(context: Context): Promise<number> {
  const { io, environment, folder } = context
  const home = resolve(folder, context.home ?? defaultHome(environment, folder))
  const options = await surveyModels(environment, home)
  const chosen = options.find(({ usable }) => usable)
  for (const option of options) {
    io.json({
      ...option,
      chosen: option === chosen,
      price: option.roles === undefined ? null : priceFor(option),
    })
  }
  const { paintOut: paint } = io
  for (const option of options) {
    const mark = option.usable ? paint('green', '✓') : paint('dim', '–')
    const auto = option === chosen ? paint('bold', '  ← auto') : ''
    io.out(`${mark} ${option.source}${auto}\n    ${plainText(option.why)}\n`)
    for (const line of details(option)) io.out(`    ${line}\n`)
  }
  io.out('\nChoose one with --model NAME, or under agents: in the mission.\n')
  return EXIT.done
}

function details(option: ModelOption): string[] {
  if (option.roles === undefined) return []
  const names = new Set(Object.values(option.roles).map(({ provider, model }) => `${provider}/${model}`))
  const lines = [...names].map((name) => `--model ${plainText(name)}${price(name)}`)
  const others = (option.models ?? []).filter(
    (model) => ![...names].some((name) => name.endsWith(`/${model}`)),
  )
  if (others.length === 0) return lines
  const more = others.length > MODELS_SHOWN_MAX ? `, and ${others.length - MODELS_SHOWN_MAX} more` : ''
  return [...lines, `also: ${oneLine(others.slice(0, MODELS_SHOWN_MAX).join(', '), 400)}${more}`]
}

function priceFor({ roles }: ModelOption): object | null {
  if (roles === undefined) return null
  const { provider, model } = roles.worker
  const found = priceOf(`${provider}/${model}`)
  return found.ok ? found.price : null
}

function price(name: string): string {
  const found = priceOf(name)
  if (!found.ok) return ''
  const { input, output, source } = found.price
  if (input === 0 && output === 0) return '  (free)'
  return `  ${formatUsd(input)} in, ${formatUsd(output)} out per million tokens (${source})`
}
