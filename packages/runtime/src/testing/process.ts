import { DriverError, type Journal, type MessageBus, type ObjectStore } from '@infrafabric/ports'
import { type World, WorldClock } from './world.ts'

/** What survives the death of a process. */
export interface Disk {
  journal: Journal
  bus: MessageBus
  objects: ObjectStore
}

export type PortName = keyof Disk

/**
 * What a simulation may do to one call of a port. `lost`: it took effect, and its answer did not come. `never`: it
 * hangs, without effect.
 */
export type Fate = 'done' | 'rejected' | 'lost' | 'never'

export interface ProcessOptions {
  /** Dies at this call of a port, counted from 1: before it takes effect, or right after. */
  crashAt?: { call: number; when: 'before' | 'after' }
  /** Longest time a call takes. */
  latencyMs?: number
  fateOf?(port: PortName, method: string, call: number): Fate
}

/**
 * One process of a simulation: what it calls takes time, may fail, and may be the last that it does. A process that
 * died runs no further: what it waits for never comes, as after kill -9, so that no clean-up of its own helps it.
 */
export class SimulatedProcess {
  readonly clock: WorldClock
  readonly ports: Disk
  /** Calls of ports so far. */
  calls = 0
  readonly #world: World
  readonly #options: ProcessOptions
  #dead = false
  readonly #died = Promise.withResolvers<void>()

  constructor(world: World, disk: Disk, options: ProcessOptions = {}) {
    this.#world = world
    this.#options = options
    this.clock = new WorldClock(world, () => this.#dead)
    this.ports = {
      journal: this.#around('journal', disk.journal),
      bus: this.#around('bus', disk.bus),
      objects: this.#around('objects', disk.objects),
    }
  }

  get died(): Promise<void> {
    return this.#died.promise
  }

  get dead(): boolean {
    return this.#dead
  }

  kill(): void {
    this.#dead = true
    this.#died.resolve()
  }

  #around<T extends object>(port: PortName, real: T): T {
    return new Proxy(real, {
      get: (target, name) => {
        const member = Reflect.get(target, name, target)
        if (typeof member !== 'function' || typeof name !== 'string') return member
        const call = (args: unknown[]): unknown => Reflect.apply(member, target, args)
        const lists = (port === 'journal' && name === 'read') || (port === 'objects' && name === 'list')
        return lists
          ? (...args: unknown[]) => this.#iterate(port, name, () => call(args) as AsyncIterable<unknown>)
          : (...args: unknown[]) => this.#call(port, name, () => call(args) as Promise<unknown>)
      },
    })
  }

  async #call<R>(port: PortName, method: string, effect: () => Promise<R>): Promise<R> {
    const number = ++this.calls
    const { crashAt, fateOf, latencyMs = 1 } = this.#options
    const crashes = crashAt?.call === number ? crashAt.when : null
    await this.#pause(latencyMs)
    if (crashes === 'before') await this.#end()
    const fate = fateOf?.(port, method, number) ?? 'done'
    if (fate === 'never') await forEver()
    if (fate === 'rejected') throw new DriverError('unavailable', method, `the ${port} could not be reached`)
    const result = await this.#unlessDead(effect())
    if (crashes === 'after') await this.#end()
    await this.#pause(latencyMs)
    if (fate === 'lost') throw new DriverError('unavailable', method, `no answer came from the ${port}`)
    return result
  }

  async *#iterate(
    port: PortName,
    method: string,
    open: () => AsyncIterable<unknown>,
  ): AsyncGenerator<unknown> {
    yield* await this.#call(port, method, async () => open())
  }

  async #pause(latencyMs: number): Promise<void> {
    await this.#unlessDead(this.#world.sleep(this.#world.random() * latencyMs))
  }

  async #unlessDead<R>(promise: Promise<R>): Promise<R> {
    try {
      const result = await promise
      if (this.#dead) await forEver()
      return result
    } catch (error) {
      if (this.#dead) await forEver()
      throw error
    }
  }

  async #end(): Promise<never> {
    this.kill()
    return forEver()
  }
}

function forEver(): Promise<never> {
  return new Promise(() => undefined)
}
