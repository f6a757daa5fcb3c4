// Receives from a queue until the message `stop` comes; prints the ids it acknowledged.
import { openMessageBus } from '../message-bus.ts'

const [path = '', queue = ''] = process.argv.slice(2)
const bus = await openMessageBus(path, { now: Date.now })
process.stdout.write('ready\n')
const ids: string[] = []
while (!ids.some((id) => id.startsWith('stop'))) {
  const deliveries = await bus.receive(queue, { max: 1, waitMs: 10_000, visibilityMs: 30_000 })
  await bus.acknowledge(deliveries)
  ids.push(...deliveries.map((delivery) => delivery.id))
}
await bus.close()
process.stdout.write(JSON.stringify(ids))
