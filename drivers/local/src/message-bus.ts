import type { MessageBus } from '@infrafabric/ports'
import { DriverError } from '@infrafabric/ports'
import { openDatabase } from './database.ts'
import { localError } from './errors.ts'
import { LocalQueues } from './local-queues.ts'
import { LongPolls } from './long-polls.ts'
import { MessageQueues } from './message-queues.ts'

/** As SQS allowed for many years: four times the largest message of the protocol. */
const bodyBytesMax = 262_144

export interface MessageBusOptions {
  /** Epoch ms. */
  now: () => number
  receivesMax?: number
}

/** Queues that the processes of this machine share. */
export async function openMessageBus(path: string, options: MessageBusOptions): Promise<MessageBus> {
  const receivesMax = options.receivesMax ?? 5
  // Queues are hints: after power loss the journal knows what has to be sent again, so no commit waits for the disk.
  const database = await openDatabase(path, { schema: MessageQueues.schema, synchronous: 'normal' }).catch(
    (error: unknown) => {
      throw busError(error, 'open', path)
    },
  )
  const settings = { now: options.now, receivesMax }
  const queues = new LocalQueues(new MessageQueues(database, settings), settings)
  const polls = new LongPolls(queues)
  let closed = false

  const attempt = <T>(operation: string, work: () => T): T => {
    if (closed) throw new DriverError('invalid', operation, `${path}: the bus was closed.`)
    try {
      return work()
    } catch (error) {
      throw busError(error, operation, path)
    }
  }

  return {
    bodyBytesMax,
    receivesMax,
    async send(messages, signal) {
      signal?.throwIfAborted()
      for (const { id, body } of messages) {
        const bytes = Buffer.byteLength(body)
        if (bytes <= bodyBytesMax) continue
        throw new DriverError(
          'too-large',
          'send',
          `Message ${id} has ${bytes} bytes; at most ${bodyBytesMax} can be sent. Store the content as an object and send its hash.`,
        )
      }
      attempt('send', () => queues.send(messages))
      for (const queue of new Set(messages.map((message) => message.queue))) polls.wake(queue)
    },
    async receive(queue, receiveOptions) {
      receiveOptions.signal?.throwIfAborted()
      const leave = queues.attend(queue)
      try {
        const deliveries = attempt('receive', () => queues.take(queue, receiveOptions))
        if (deliveries.length > 0 || receiveOptions.waitMs <= 0) return deliveries
        return await polls.wait(queue, receiveOptions)
      } catch (error) {
        throw busError(error, 'receive', path)
      } finally {
        leave()
      }
    },
    async acknowledge(deliveries) {
      attempt('acknowledge', () => queues.acknowledge(deliveries))
      for (const queue of new Set(deliveries.map((delivery) => delivery.queue))) polls.wake(queue)
    },
    async release(deliveries, delayMs) {
      attempt('release', () => queues.release(deliveries, delayMs))
      for (const queue of new Set(deliveries.map((delivery) => delivery.queue))) polls.wake(queue)
    },
    async deadLetters(queue) {
      return attempt('deadLetters', () => queues.deadLetters(queue))
    },
    async redrive(queue) {
      const count = attempt('redrive', () => queues.redrive(queue))
      polls.wake(queue)
      return count
    },
    async purge(queue) {
      attempt('purge', () => queues.purge(queue))
    },
    async close() {
      if (closed) return
      closed = true
      polls.close()
      queues.close()
      database.close()
    },
  }
}

/** Damaged queues are no loss, and the remedy says so. */
function busError(cause: unknown, operation: string, path: string): unknown {
  const error = localError(cause, operation, path)
  if (!(error instanceof DriverError) || error.code !== 'corrupt') return error
  return new DriverError(
    'corrupt',
    operation,
    `${path}: the file is damaged. It holds queues only, and the journal knows what is still to be done: remove ${path}, ${path}-wal and ${path}-shm while no session runs, then continue with \`infrafabric resume\`.`,
    { cause },
  )
}
