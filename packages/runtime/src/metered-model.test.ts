import { DriverError, ModelError, type ModelRequest } from '@infrafabric/ports'
import { beforeEach, describe, expect, test } from 'vitest'
import { type MeteredAttempt, MeteredModel } from './metered-model.ts'
import { nodePrimitives } from './node-primitives.ts'
import { CountingModel, PRICED } from './testing/drill.ts'
import { MemoryObjectStore } from './testing/memory-object-store.ts'
import { World, WorldClock } from './testing/world.ts'

const CEILING = 4_000

let world: World
let model: CountingModel
let objects: MemoryObjectStore
beforeEach(() => {
  world = new World(1)
  model = new CountingModel(new WorldClock(world))
  objects = new MemoryObjectStore()
})

function meter(changes: Partial<MeteredAttempt> = {}, callsMax = 2): MeteredModel {
  const attempt = {
    prefix: 'sessions/s/calls/t/1',
    terms: { ...PRICED, callsMax },
    sliceMicros: callsMax * CEILING,
    signal: new AbortController().signal,
    owner: 'this-process',
    ...changes,
  }
  return new MeteredModel(attempt, model, { objects, primitives: nodePrimitives })
}

function ask(prompt: string): ModelRequest {
  return { system: '', prompt, outputTokensMax: 500 }
}

/** Rejections are looked at when the test comes to them. */
function calling(metered: MeteredModel, prompt: string) {
  const answer = world.until(metered.complete(ask(prompt)))
  answer.catch(() => undefined)
  return answer
}

test('a call is charged by its usage', async () => {
  const metered = meter()
  await calling(metered, 'a')
  await metered.settle()
  expect(metered.charges).toMatchObject([
    { call: 1, model: 'test/priced', usage: { inputTokens: 100, outputTokens: 50 } },
  ])
})

describe('after a crash', () => {
  test('a call that was answered is charged, and not made again', async () => {
    await calling(meter(), 'a')
    const again = meter({ owner: 'next-process' })
    expect((await calling(again, 'a')).text).toBe('answer to a')
    expect(model.billed).toEqual(['a'])
    expect(again.charges).toHaveLength(1)
  })

  test('a call that was answered stays on the bill when nobody comes to ask for it', async () => {
    await calling(meter(), 'a')
    const again = meter({ owner: 'next-process' })
    await again.settle()
    expect(again.charges).toMatchObject([{ call: 1, usage: { inputTokens: 100 } }])
  })

  test('a call whose fate is unknown is charged at its ceiling, and another is made', async () => {
    await objects.put('sessions/s/calls/t/1/1.started', new Uint8Array())
    const metered = meter()
    await calling(metered, 'a')
    expect(metered.charges).toMatchObject([
      { call: 1, usage: null },
      { call: 2, usage: { inputTokens: 100 } },
    ])
  })

  test('when the unknown calls use up the slice the attempt is cut off, and not refused for good', async () => {
    await objects.put('sessions/s/calls/t/1/1.started', new Uint8Array())
    await expect(calling(meter({}, 1), 'a')).rejects.toMatchObject({ name: 'SliceExceeded', code: 'cut-off' })
    expect(model.billed).toEqual([])
  })

  test('an answer to another question is charged and not given', async () => {
    await calling(meter(), 'a')
    const again = meter({ owner: 'next-process' })
    expect((await calling(again, 'b')).text).toBe('answer to b')
    expect(again.charges).toHaveLength(2)
  })
})

// Found by the simulation, seed 3191: the first process's intent could be seen, and was not yet on the disk.
describe('when the name of a call is lost with the power, though others had seen it and gone past it', () => {
  const prefix = 'sessions/s/calls/t/1'

  async function loseFirstIntent(): Promise<void> {
    await objects.put(`${prefix}/1.started`, new Uint8Array())
    await calling(meter(), 'a')
    const left = new MemoryObjectStore()
    for await (const key of objects.list(`${prefix}/`)) {
      if (!key.endsWith('/1.started')) await left.put(key, await objects.get(key))
    }
    objects = left
  }

  test('the calls that were made after it stay on the bill', async () => {
    await loseFirstIntent()
    const metered = meter({ owner: 'next-process' })
    await metered.settle()
    expect(metered.charges).toMatchObject([{ call: 2, usage: { inputTokens: 100 } }])
    await expect(calling(meter({ owner: 'late-process' }), 'b')).rejects.toMatchObject({ code: 'cut-off' })
    expect(model.billed).toEqual(['a'])
  })

  test('none is made in its place, and what was answered is found', async () => {
    await loseFirstIntent()
    const metered = meter({ owner: 'next-process' })
    expect((await calling(metered, 'a')).text).toBe('answer to a')
    await metered.settle()
    expect(model.billed).toEqual(['a'])
    expect(metered.charges).toMatchObject([{ call: 2, usage: { inputTokens: 100 } }])
    // Whoever settles it again comes to the same.
    const again = meter({ owner: 'last-process' })
    await again.settle()
    expect(again.charges).toEqual(metered.charges)
  })
})

describe('the slice', () => {
  test('covers calls made at the same time one after the other', async () => {
    const metered = meter({ sliceMicros: 2_500 })
    const answers = ['a', 'b', 'c'].map((prompt) => metered.complete(ask(prompt)))
    const settled = await world.until(Promise.allSettled(answers))
    // Each could cost 2,025, and costs 200: the third would be the first too many.
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(model.billed).toEqual(['a', 'b'])
  })

  test('refuses a call that it cannot cover, before anything is stored', async () => {
    const metered = meter({ sliceMicros: 2_000 })
    await expect(calling(metered, 'a')).rejects.toMatchObject({
      name: 'SliceExceeded',
      code: 'slice-exceeded',
    })
    await metered.settle()
    expect(metered.charges).toEqual([])
  })

  test('refuses a request longer than the terms', async () => {
    await expect(calling(meter(), 'x'.repeat(3_000))).rejects.toMatchObject({ code: 'slice-exceeded' })
    const long = meter().complete({ ...ask('a'), outputTokensMax: 501 })
    await expect(world.until(long)).rejects.toMatchObject({ code: 'slice-exceeded' })
  })

  test('holds no more calls than the terms allow, however cheap', async () => {
    const metered = meter({}, 2)
    await calling(metered, 'a')
    await calling(metered, 'b')
    await expect(calling(metered, 'c')).rejects.toMatchObject({ code: 'slice-exceeded' })
    expect(model.billed).toHaveLength(2)
  })
})

describe('what a provider says', () => {
  const failing = (error: ModelError) => {
    model.before = () => {
      throw error
    }
    return meter()
  }

  test('a refusal that was certainly not billed is not charged', async () => {
    const metered = failing(new ModelError('rate-limited', 'later', { billed: 'no' }))
    await expect(calling(metered, 'a')).rejects.toMatchObject({ code: 'rate-limited' })
    await metered.settle()
    expect(metered.charges).toEqual([])
  })

  test('a failure that may have been billed is charged at the ceiling', async () => {
    const metered = failing(new ModelError('timeout', 'no answer', { billed: 'unknown' }))
    await expect(calling(metered, 'a')).rejects.toMatchObject({ code: 'timeout' })
    await metered.settle()
    expect(metered.charges).toMatchObject([{ call: 1, usage: null }])
  })

  const usage = {
    inputTokens: 10,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 5,
    reasoningTokens: 0,
  }

  test('an answer that could not be used is charged by its usage', async () => {
    const metered = failing(new ModelError('garbage', 'half', { billed: 'unknown', usage }))
    await expect(calling(metered, 'a')).rejects.toMatchObject({ code: 'garbage' })
    expect(metered.charges).toMatchObject([{ call: 1, usage }])
  })

  test.each([
    ['more cached than all tokens', { ...usage, cacheReadTokens: 11 }],
    ['half tokens', { ...usage, inputTokens: 10.5 }],
    ['tokens below zero', { ...usage, outputTokens: -1 }],
    ['no number', { ...usage, inputTokens: Number.NaN }],
    ['more than can be', { ...usage, inputTokens: 1e12 }],
    ['too few members', { inputTokens: 1, outputTokens: 1 } as typeof usage],
  ])('a usage with %s is charged at the ceiling', async (_, impossible) => {
    const metered = failing(new ModelError('garbage', 'half', { billed: 'unknown', usage: impossible }))
    await expect(calling(metered, 'a')).rejects.toMatchObject({ code: 'garbage' })
    expect(metered.charges).toEqual([{ call: 1, model: 'test/priced', usage: null }])
  })

  test('limits that are no whole numbers are rounded or left out', async () => {
    const complete = model.complete.bind(model)
    model.complete = async (request, signal) => ({
      ...(await complete(request, signal)),
      limits: { requestsRemaining: Number.NaN, tokensRemaining: -5, resetMs: 1_000.25 },
    })
    const metered = meter()
    await calling(metered, 'a')
    expect(metered.limits).toEqual({ tokensRemaining: 0, resetMs: 1_001 })
  })
})

describe('the end of an attempt', () => {
  test('a call still under way is charged at its ceiling', async () => {
    const metered = meter()
    const late = metered.complete(ask('a'))
    await world.until(world.sleep(10))
    await metered.settle()
    expect(metered.charges).toMatchObject([{ call: 1, usage: null }])
    await world.until(late)
  })

  test('no call is made after it', async () => {
    const metered = meter()
    await metered.settle()
    await expect(calling(metered, 'a')).rejects.toThrow('has ended')
    expect(model.billed).toEqual([])
  })

  test('no call is made for an attempt that was told to stop', async () => {
    const metered = meter({ signal: AbortSignal.abort(new Error('stop')) })
    await expect(calling(metered, 'a')).rejects.toThrow('stop')
    expect(model.billed).toEqual([])
  })
})

// Found by the simulation, seeds 22 and 28: an answer of an earlier epoch settled what a later one still worked on.
describe('an attempt that one process has ended', () => {
  test('gets no call by another, however often that asks', async () => {
    await calling(meter({ owner: 'one' }), 'a')
    const other = meter({ owner: 'two' })
    await calling(other, 'a')
    const ending = meter({ owner: 'one' })
    await ending.settle()
    for (const prompt of ['b', 'c']) {
      await expect(calling(other, prompt)).rejects.toMatchObject({ code: 'cut-off' })
    }
    expect(model.billed).toEqual(['a'])
    expect(ending.charges).toMatchObject([{ call: 1, usage: { inputTokens: 100 } }])
  })

  test('may be ended again, and costs the same', async () => {
    await calling(meter({ owner: 'one' }), 'a')
    const [one, two] = [meter({ owner: 'one' }), meter({ owner: 'two' })]
    await one.settle()
    await two.settle()
    expect(two.charges).toEqual(one.charges)
  })

  test('is charged what another process was answered in the meantime', async () => {
    const one = meter({ owner: 'one' })
    const first = one.complete(ask('a'))
    await world.until(world.sleep(10))
    const two = meter({ owner: 'two' })
    await calling(two, 'b')
    await world.until(first)
    await two.settle()
    expect(two.charges).toMatchObject([
      { call: 1, usage: { inputTokens: 100 } },
      { call: 2, usage: { inputTokens: 100 } },
    ])
  })

  test('leaves no place free before its end when a port fails', async () => {
    const metered = meter({ owner: 'one' })
    const get = objects.get.bind(objects)
    objects.get = async () => {
      throw new DriverError('unavailable', 'get', 'no answer')
    }
    await expect(calling(metered, 'a')).rejects.toThrow('no answer')
    objects.get = get
    await calling(metered, 'b')
    await metered.settle()
    await expect(calling(meter({ owner: 'two' }, 3), 'c')).rejects.toMatchObject({ code: 'cut-off' })
    expect(metered.charges).toMatchObject([{ call: 1 }])
  })
})

test('of two processes that work on one attempt only one makes its call', async () => {
  const [one, two] = [meter({ owner: 'one' }, 1), meter({ owner: 'two' }, 1)]
  const settled = await world.until(Promise.allSettled([one.complete(ask('a')), two.complete(ask('a'))]))
  expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
  expect(model.billed).toEqual(['a'])
})
