/**
 * Does the work, and passes over what pdf.js lets fail where nobody waits for it: it fetches the pages after the one
 * that is asked for (`Catalog.getPageDict`), and a damaged one among them would end the whole process as an unhandled
 * rejection. Whatever comes from elsewhere in the meantime ends the process as ever.
 */
export async function withoutStrays<T>(work: () => Promise<T>): Promise<T> {
  process.on('unhandledRejection', passOver)
  try {
    return await work()
  } finally {
    // Node.js tells of a rejection after the microtasks that follow it.
    await new Promise<void>((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', passOver)
  }
}

function passOver(error: unknown): void {
  if (!(error instanceof Error) || !isOfPdf(error)) throw error
}

/** Its own exceptions are named so, as `XRefEntryException`; other errors tell by their stack where they are from. */
function isOfPdf(error: Error): boolean {
  return /^\w+Exception$/.test(error.name) || /unpdf|pdfjs/.test(error.stack ?? '')
}
