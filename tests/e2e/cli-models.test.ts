import {
  type AnthropicServer,
  type AnthropicServerOptions,
  type Fault,
  startAnthropicServer,
} from '@infrafabric/driver-models/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Desk, type Ended, linesOf } from './cli-process.ts'

const MODEL = 'anthropic/claude-haiku-4-5'

let desk: Desk
beforeAll(async () => {
  desk = await Desk.open()
})
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await desk.close()
})

const servers: AnthropicServer[] = []

async function serve(options: Partial<AnthropicServerOptions> = {}): Promise<AnthropicServer> {
  const server = await startAnthropicServer({
    respond: ({ passages }) => {
      const supports = passages.filter(({ text }) => text.includes('EUR 480')).map(({ number }) => number)
      const claim = { text: 'The rent is EUR 480.', supports: supports.slice(0, 4), contradicts: [] }
      return { answer: 'The rent is EUR 480.', claims: supports.length === 0 ? [] : [claim] }
    },
    ...options,
  })
  servers.push(server)
  return server
}

function keysFor(server: AnthropicServer, key = 'sk-secret-key'): Record<string, string> {
  return { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: server.url }
}

/** One attempt, so that what fails does so soon. */
async function mission(lines: Record<string, string> = {}): Promise<string> {
  return desk.mission({ attempts: '1', agents: `{ worker: { model: ${MODEL} } }`, ...lines })
}

function sessionOf({ stdout }: Ended): string {
  return String(linesOf(stdout).find(({ event }) => event === 'started')?.session)
}

describe.concurrent('a session with a language model', () => {
  it('finishes, with a bill of what the provider reported', async () => {
    const server = await serve({ usage: () => ({ input_tokens: 1_000, output_tokens: 100 }) })
    const ended = await desk.run(['run', await mission(), '--model', MODEL, '--json'], keysFor(server))
    expect(ended.code).toBe(0)
    // Two calls of 1,000 tokens at $1 and 100 tokens at $5 a million.
    expect(linesOf(ended.stdout).at(-1)).toMatchObject({ spentMicros: 3_000, limitMicros: 1_000_000 })
    const bill = await desk.run(['bill', sessionOf(ended)])
    expect(bill.stdout).toContain('Spent: $0.003 of $1.00.')
    expect(await desk.run(['verify', sessionOf(ended)])).toMatchObject({ code: 0, stderr: '' })
  })

  it.each([
    ['a missing key', {}, 'no key; set ANTHROPIC_API_KEY'],
    ['a wrong key', { ANTHROPIC_API_KEY: 'sk-wrong' }, 'the key was refused: set ANTHROPIC_API_KEY'],
  ])('finds %s before anything is spent or kept', async (_what, env, message) => {
    const server = await serve({ apiKey: 'sk-right' })
    const home = { INFRAFABRIC_HOME: `${desk.folder}/keys-${Object.keys(env).length}` }
    const { code, stderr } = await desk.run(['run', await mission(), '--model', MODEL], {
      ANTHROPIC_BASE_URL: server.url,
      ...env,
      ...home,
    })
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('sk-wrong')
    expect(server.calls).toEqual([])
    expect((await desk.run(['list'], home)).stdout).toContain('no sessions')
  })

  it('names a model that there is not', async () => {
    const server = await serve({ models: ['claude-haiku-4-5'] })
    const { code, stderr } = await desk.run(
      [
        'run',
        await mission(),
        '--model',
        'anthropic/claude-haiku-4-6',
        '--price',
        'anthropic/claude-haiku-4-6=input:1,output:5',
      ],
      keysFor(server),
    )
    expect(code).toBe(2)
    expect(stderr).toContain('claude-haiku-4-6')
    expect(server.calls).toEqual([])
  })

  it('refuses a model whose price is not known, and says how to set one', async () => {
    const server = await serve()
    const { code, stderr } = await desk.run(
      ['run', await mission(), '--model', 'anthropic/claude-unheard-of'],
      keysFor(server),
    )
    expect(code).toBe(2)
    expect(stderr).toContain('the price of "anthropic/claude-unheard-of" is not known')
    expect(stderr).toContain('--price anthropic/claude-unheard-of=input:1.00,output:5.00')
    expect(server.calls).toEqual([])
  })

  it('refuses a budget that cannot cover one call, and names the least', async () => {
    const server = await serve()
    const { code, stderr } = await desk.run(
      ['run', await mission(), '--model', MODEL, '--budget', '0.000001'],
      keysFor(server),
    )
    expect(code).toBe(2)
    const least = /cannot cover one call.*set at least --budget (\d\.\d+)/.exec(stderr)?.[1]
    expect(server.calls).toEqual([])
    const enough = await desk.run(
      ['run', await mission(), '--model', MODEL, '--budget', String(least), '--json'],
      keysFor(server),
    )
    expect([0, 3]).toContain(enough.code)
    expect(server.calls.length).toBeGreaterThan(0)
  })

  it.each<[string, Fault, RegExp]>([
    ['400', refusal(400, 'invalid_request_error', 'prompt is too long'), /400 prompt is too long/],
    ['500', refusal(500, 'api_error', 'Internal server error'), /500 Internal server error/],
    ['garbage', { fault: 'garbage' }, /cut off or not in the provider's format/],
    ['half an answer', { fault: 'half-json' }, /cut off or not in the provider's format/],
    ['a broken connection', { fault: 'half-body' }, /broke off the connection|cut off/],
    ['nothing', { fault: 'hang' }, /no result after 5000 ms/],
  ])(
    'keeps the rest when the provider answers %s: exit code 1, with the reason',
    async (_what, fault, message) => {
      const server = await serve({
        faults: ({ prompt }) => (prompt.includes('Question: How high') ? fault : undefined),
      })
      const ended = await desk.run(
        [
          'run',
          await mission({
            tasks:
              '[{ id: rent, question: How much is the monthly rent? }, { id: deposit, question: How high is the security bond of lot nine? }]',
            evidence: 'letter.md',
            timeout: '5s',
          }),
          ...['--model', MODEL, '--json'],
        ],
        keysFor(server),
      )
      expect(ended.code).toBe(1)
      expect(ended.stderr).toMatch(message)
      expect(linesOf(ended.stdout).at(-1)).toMatchObject({
        event: 'finished',
        stopped: 'completed',
        counts: { answered: 1, failed: 1 },
      })
      expect(ended.stdout + ended.stderr).not.toContain('sk-secret-key')
      expect(await desk.run(['verify', sessionOf(ended)])).toMatchObject({ code: 0, stderr: '' })
    },
  )

  it.each<[string, Fault]>([
    ['429', refusal(429, 'rate_limit_error', 'slow down', { 'retry-after': '1' })],
    ['529', refusal(529, 'overloaded_error', 'Overloaded', { 'retry-after': '1' })],
  ])('waits and goes on when the provider answers %s', async (_what, fault) => {
    const server = await serve({ faults: ({ number }) => (number === 1 ? fault : undefined) })
    const ended = await desk.run(['run', await mission(), '--model', MODEL, '--json'], keysFor(server))
    expect(ended.code).toBe(0)
    expect(linesOf(ended.stdout)).toContainEqual(
      expect.objectContaining({ event: 'notice', kind: 'throttled' }),
    )
    expect(ended.stderr).toContain('asks to slow down')
  })

  it('halts when a key is revoked on the way, and can be resumed with another', async () => {
    const revoked = refusal(401, 'authentication_error', 'invalid x-api-key')
    let isRevoked = true
    const server = await serve({
      apiKey: 'sk-secret-key',
      faults: () => (isRevoked ? revoked : undefined),
    })
    const ended = await desk.run(['run', await mission(), '--model', MODEL, '--json'], keysFor(server))
    expect(ended.code).toBe(1)
    expect(linesOf(ended.stdout).at(-1)).toMatchObject({ stopped: 'halted', resumable: true, spentMicros: 0 })
    expect(ended.stderr).toContain(`resume ${sessionOf(ended)}`)
    const wrong = await desk.run(['resume', sessionOf(ended)], keysFor(server, 'sk-wrong'))
    expect(wrong.code).toBe(2)
    expect(wrong.stderr).toContain('the key was refused')
    expect(server.calls.length).toBe(1)
    isRevoked = false
    expect((await desk.run(['resume', sessionOf(ended)], keysFor(server))).code).toBe(0)
  })

  it('stops at its budget with a partial report, and goes on when it is raised', async () => {
    const server = await serve({
      usage: ({ outputTokensMax }) => ({ input_tokens: 5_000, output_tokens: outputTokensMax }),
    })
    const tasks = Array.from(
      { length: 8 },
      (_, at) => `{ id: t${at}, question: How much is rent number ${at}? }`,
    )
    const file = await mission({ tasks: `[${tasks.join(', ')}]` })
    const ended = await desk.run(
      ['run', file, '--model', MODEL, '--budget', '0.03', '--json'],
      keysFor(server),
    )
    expect(ended.code).toBe(3)
    const finished = linesOf(ended.stdout).at(-1)
    expect(finished).toMatchObject({ stopped: 'out-of-budget', resumable: true, limitMicros: 30_000 })
    expect(Number(finished?.spentMicros)).toBeLessThanOrEqual(30_000)
    const session = sessionOf(ended)
    expect(ended.stderr).toContain(`infrafabric resume ${session} --budget`)
    expect((await desk.run(['report', session])).stdout).toContain('budget')

    const calls = server.calls.length
    const less = await desk.run(['resume', session, '--budget', '0.02'], keysFor(server))
    expect(less.code).toBe(2)
    expect(less.stderr).toContain('$0.02 is not above the $0.03 that the session has')
    expect(server.calls.length).toBe(calls)
    const more = await desk.run(['resume', session, '--budget', '0.50', '--json'], keysFor(server))
    expect(more.code).toBe(0)
    // Eight tasks and the synthesis: nothing that was finished is paid again.
    expect(server.calls.length).toBe(9)
    const verified = await desk.run(['verify', session])
    expect(verified.code).toBe(0)
    expect(verified.stdout).toContain('of $0.50, never more')
  })

  it('stops at its deadline, and goes on with more time', async () => {
    let isSlow = true
    const server = await serve({ faults: () => (isSlow ? { fault: 'hang' } : undefined) })
    const args = [
      'run',
      await mission({ timeout: '1s', attempts: '9' }),
      '--model',
      MODEL,
      '--deadline',
      '1s',
      '--json',
    ]
    const ended = await desk.run(args, keysFor(server))
    expect(ended.code).toBe(3)
    expect(linesOf(ended.stdout).at(-1)).toMatchObject({ stopped: 'out-of-time', resumable: true })
    isSlow = false
    expect((await desk.run(['resume', sessionOf(ended), '--deadline', '5m'], keysFor(server))).code).toBe(0)
  })

  it('finishes what is under way at the first Ctrl-C, exits with 130, and can be resumed', async () => {
    const server = await serve({ latencyMs: 700 })
    const started = desk.start(['run', await mission(), '--model', MODEL, '--json'], keysFor(server))
    await started.said(/"kind":"assigned"/)
    started.child.kill('SIGINT')
    const ended = await started.ended
    expect(ended.code).toBe(130)
    expect(ended.stderr).toContain('finishing 1 attempt under way; press Ctrl-C again to stop now')
    const session = sessionOf(ended)
    expect(ended.stderr).toContain(`infrafabric resume ${session}`)
    expect(linesOf(ended.stdout).at(-1)).toMatchObject({
      stopped: 'interrupted',
      exitCode: 130,
      counts: { answered: 1 },
    })
    expect((await desk.run(['resume', session], keysFor(server))).code).toBe(0)
    expect(server.calls.length).toBe(2)
  })

  it('exits at once at the second, and can be resumed', async () => {
    const server = await serve({ latencyMs: 30_000 })
    const args = ['run', await mission(), '--model', MODEL, '--json']
    const started = desk.start(args, keysFor(server))
    await started.said(/tasks? to do/)
    started.child.kill('SIGTERM')
    await started.said(/press Ctrl-C again/)
    started.child.kill('SIGINT')
    const ended = await started.ended
    expect(ended.code).toBe(130)
    expect(ended.stderr).toContain(`Go on with: infrafabric resume ${sessionOf(ended)}`)
    const status = await desk.run(['status', sessionOf(ended)])
    expect(status.stdout).toContain(`nobody; go on with: infrafabric resume ${sessionOf(ended)}`)
    const quick = await serve()
    expect((await desk.run(['resume', sessionOf(ended)], keysFor(quick))).code).toBe(0)
  })

  it('is shown by status --watch while another process runs it', async () => {
    const server = await serve({ latencyMs: 1_500 })
    const home = { ...keysFor(server), INFRAFABRIC_HOME: `${desk.folder}/watched` }
    const started = desk.start(['run', await mission(), '--model', MODEL], home)
    await started.said(/tasks? to do/)
    const watched = await desk.run(['status', 'lease', '--watch', '--json'], home)
    expect(watched.code).toBe(0)
    const lines = linesOf(watched.stdout)
    expect(lines[0]).toMatchObject({ event: 'status', phase: 'running' })
    expect(lines.at(-1)).toMatchObject({ phase: 'stopped', stopped: 'completed' })
    expect((await started.ended).code).toBe(0)
  })

  it('has its key tried by the doctor', async () => {
    const server = await serve({ apiKey: 'sk-right' })
    const good = await desk.run(['doctor'], keysFor(server, 'sk-right'))
    expect(good.stdout).toContain('can be used')
    const bad = await desk.run(['doctor'], keysFor(server, 'sk-wrong'))
    expect(bad.code).toBe(1)
    expect(bad.stdout).toContain('✗ Anthropic: ')
    expect(bad.stdout).toContain('--model extractive works without it')
  })
})

function refusal(status: number, type: string, message: string, headers?: Record<string, string>): Fault {
  return {
    fault: 'status',
    status,
    body: { type: 'error', error: { type, message } },
    ...(headers && { headers }),
  }
}
