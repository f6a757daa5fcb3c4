/** A seeded stream of random numbers (sfc32). Everything a run leaves to chance is drawn from one of these. */
export class Random {
  #a = 0x9e3779b9
  #b = 0x243f6a88
  #c: number
  #count = 1

  constructor(seed: number) {
    this.#c = seed >>> 0
    this.#a ^= Math.floor(seed / 2 ** 32)
    for (let i = 0; i < 12; i++) this.next()
  }

  /** 32 bits. */
  next(): number {
    const sum = (this.#a + this.#b + this.#count++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }

  /** 0 ≤ x < 1. */
  fraction(): number {
    return this.next() / 2 ** 32
  }

  chance(probability: number): boolean {
    return probability > 0 && this.fraction() < probability
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1))
  }

  /** Each order of magnitude is as likely as the other. */
  scale(least: number, most: number): number {
    return least * (most / least) ** this.fraction()
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.fraction() * items.length)] as T
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next() & 0xff)
  }
}
