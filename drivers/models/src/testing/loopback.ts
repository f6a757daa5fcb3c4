import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RecordedRequest {
  method: string
  /** With its query. */
  path: string
  headers: Record<string, string | undefined>
  body: string
}

/** What a server can do other than answer. */
export type Fault =
  | { fault: 'hang' } // takes the request and never answers
  | { fault: 'reset' } // takes the request and drops the connection
  | { fault: 'half-body' } // sends success and half of the answer, then drops the connection
  | { fault: 'half-json' } // sends half of the answer as though it were all
  | { fault: 'garbage' } // answers with success and a web page
  | { fault: 'status'; status: number; body?: unknown; headers?: Record<string, string> }

export interface Reply {
  status: number
  headers?: Record<string, string>
  body: unknown
}

export interface Loopback {
  /** As in `http://127.0.0.1:40123`. */
  url: string
  /** In the order in which they came. */
  requests: RecordedRequest[]
  close(): Promise<void>
}

function isFault(answer: Reply | Fault): answer is Fault {
  return 'fault' in answer
}

/** A server on 127.0.0.1 and a free port that answers, or fails to, by the function handed in. */
export async function startLoopback(
  answer: (request: RecordedRequest) => Reply | Fault | Promise<Reply | Fault>,
  /** What a fault cuts in half. */
  whole: (request: RecordedRequest) => Reply = () => ({ status: 200, body: { half: 'of an answer' } }),
): Promise<Loopback> {
  const requests: RecordedRequest[] = []
  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing).catch((error: unknown) => {
      if (!outgoing.headersSent) outgoing.writeHead(500, { 'content-type': 'text/plain' })
      outgoing.end(String(error))
    })
  })

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await record(incoming)
    requests.push(request)
    const given = await answer(request)
    if (isFault(given)) fail(given, whole(request), outgoing)
    else send(given, outgoing)
  }

  const { port } = await listen(server)
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listen(server: Server): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('the server has no port'))
      else resolve(address)
    })
  })
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, value?.toString()] as const)
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  }
}

function send({ status, headers, body }: Reply, outgoing: ServerResponse): void {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    'content-length': bytes.length,
    ...headers,
  })
  outgoing.end(bytes)
}

function fail(fault: Fault, whole: Reply, outgoing: ServerResponse): void {
  const text = JSON.stringify(whole.body)
  switch (fault.fault) {
    case 'hang':
      return
    case 'reset':
      outgoing.socket?.resetAndDestroy()
      return
    case 'half-body':
      outgoing.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      })
      outgoing.write(text.slice(0, text.length / 2), () => outgoing.socket?.destroy())
      return
    case 'half-json':
      send({ status: 200, body: text.slice(0, text.length / 2) }, outgoing)
      return
    case 'garbage':
      send({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Welcome</html>' }, outgoing)
      return
    case 'status':
      send(
        { status: fault.status, body: fault.body ?? '', ...(fault.headers && { headers: fault.headers }) },
        outgoing,
      )
  }
}
