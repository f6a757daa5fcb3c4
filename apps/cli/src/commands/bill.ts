import { buildBill, renderBill } from '@infrafabric/report'
import type { Context } from '../context.ts'
import { EXIT } from '../exit.ts'
import { readSession } from '../find-session.ts'

export function execute(context: Context): Promise<number> {
  const { io } = context
  return readSession(context, async (fabric, name) => {
    const session = await fabric.peek(name)
    const bill = buildBill(session)
    io.out(renderBill(bill, { format: 'text' }))
    io.json({ session: name, ...bill })
    return EXIT.done
  })
}
