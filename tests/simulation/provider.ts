import { type LanguageModel, ModelError, type ModelRequest, type ModelResponse } from '@infrafabric/ports'
import { inputTokensBound, type ModelPrice, type Usage } from '@infrafabric/session'
import type { Surroundings } from './ports.ts'
import type { Program } from './process.ts'

/** Who sells model calls: it keeps its own books, and charges for answers that nobody hears. */
export class Provider {
  /** Micro-dollars by `task attempt`. */
  readonly bills = new Map<string, number>()
  total = 0
  calls = 0
  readonly #around: Surroundings
  readonly #price: ModelPrice
  readonly #onBill: (key: string) => void

  constructor(around: Surroundings, price: ModelPrice, onBill: (key: string) => void) {
    this.#around = around
    this.#price = price
    this.#onBill = onBill
  }

  modelFor(caller: Program): LanguageModel {
    return {
      provider: 'simulated',
      model: 'small',
      free: false,
      check: async () => {},
      complete: (request, signal) => this.#complete(caller, request, signal),
    }
  }

  #complete(caller: Program, request: ModelRequest, signal: AbortSignal): Promise<ModelResponse> {
    const { scheduler, random, faults } = this.#around
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new ModelError('aborted', 'aborted before it was sent', { billed: 'no' }))
        return
      }
      const abort = (): void => reject(new ModelError('aborted', 'aborted', { billed: 'unknown' }))
      signal.addEventListener('abort', abort, { once: true })
      const answer = (settle: () => void): void => {
        scheduler.after(random.between(1, 20), caller, 'model answers', () => {
          signal.removeEventListener('abort', abort)
          settle()
        })
      }
      const refuse = (error: ModelError): void => answer(() => reject(error))
      const thinkingMs = faults.fires('provider-slow')
        ? random.between(1_000, 120_000)
        : random.between(5, 2_000)
      scheduler.after(thinkingMs, null, `${caller.label} model call`, () => {
        if (caller.partition?.way === 'out' && caller.partition.until > scheduler.now) {
          refuse(new ModelError('unavailable', 'connection timed out', { billed: 'unknown' }))
        } else if (faults.fires('provider-unreachable')) {
          refuse(new ModelError('unavailable', 'connection refused', { billed: 'no' }))
        } else if (faults.fires('provider-429')) {
          const retryAfterMs = random.chance(0.5) ? random.between(100, 90_000) : undefined
          const options = { billed: 'no' as const, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
          refuse(new ModelError('rate-limited', '429', options))
        } else if (faults.fires('provider-529')) {
          refuse(new ModelError('overloaded', '529', { billed: 'no' }))
        } else {
          const usage = this.#usage(request)
          this.#bill(request, usage)
          if (faults.fires('provider-timeout-after-success')) {
            refuse(new ModelError('timeout', 'no answer', { billed: 'unknown' }))
          } else if (faults.fires('provider-garbage')) {
            refuse(new ModelError('garbage', 'half an answer', { billed: 'unknown', usage }))
          } else if (faults.fires('provider-garbage-unmetered')) {
            refuse(new ModelError('garbage', 'not even half an answer', { billed: 'unknown' }))
          } else {
            const text = `answer ${this.calls}`
            answer(() => resolve({ text, usage, finish: 'stop', model: 'small-2026' }))
          }
        }
      })
    })
  }

  /** Anything that the bounds allow, the bounds themselves not seldom. */
  #usage(request: ModelRequest): Usage {
    const { random } = this.#around
    const most = inputTokensBound(request)
    const inputTokens = random.chance(0.2) ? most : random.between(1, most)
    const cacheReadTokens = random.chance(0.3) ? random.between(0, inputTokens) : 0
    const cacheWriteTokens = random.chance(0.3) ? random.between(0, inputTokens - cacheReadTokens) : 0
    const outputTokens = random.chance(0.2)
      ? request.outputTokensMax
      : random.between(0, request.outputTokensMax)
    const reasoningTokens = random.chance(0.3) ? random.between(0, outputTokens) : 0
    return { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens }
  }

  #bill(request: ModelRequest, usage: Usage): void {
    const { input, cacheRead, cacheWrite, output } = this.#price
    const plain = usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens
    const picos =
      plain * input +
      usage.cacheReadTokens * cacheRead +
      usage.cacheWriteTokens * cacheWrite +
      usage.outputTokens * output
    const micros = Math.ceil(picos / 1_000_000)
    this.calls++
    this.total += micros
    const key = request.system
    this.bills.set(key, (this.bills.get(key) ?? 0) + micros)
    this.#onBill(key)
  }
}
