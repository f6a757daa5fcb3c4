/**
 * The JSON object in a model's text: all of it, or what a server without structured output leaves of it (reasoning
 * in `<think>`, a Markdown fence, words around). undefined when there is none.
 */
export function parseObject(text: string): Record<string, unknown> | undefined {
  const said = text.replace(/^\s*<think>[\s\S]*?<\/think>/, '').trim()
  const fence = /```(?:json)?\s*\n([\s\S]*?)\n\s*```/.exec(said)?.[1]
  const braces = said.slice(said.indexOf('{'), said.lastIndexOf('}') + 1)
  for (const candidate of [said, fence, braces]) {
    const parsed = candidate === undefined ? undefined : parse(candidate)
    if (parsed !== undefined) return parsed
  }
  return undefined
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
