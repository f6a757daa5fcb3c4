import { styleText } from 'node:util'

type Style = Parameters<typeof styleText>[0]

/** Where a command writes. Results go to stdout, everything else for people to stderr. */
export interface Io {
  environment: Readonly<Record<string, string | undefined>>
  /** A result: to stdout, or to stderr when stdout carries JSON. */
  out(text: string): void
  /** For people who watch: to stderr. */
  say(text: string): void
  /** One JSON line on stdout; nothing without `--json`. */
  json(line: object): void
  /** Tells of an error, and with `--json` also as a line of JSON. */
  fail(message: string, exitCode: number): void
  /** Whether people look at stdout on a terminal. */
  outIsTerminal: boolean
  /** Of stderr. */
  terminal: Terminal
  /** Colours for stderr, where it shows them. */
  paint: Paint
  /** Colours for what `out` writes. */
  paintOut: Paint
}

export type Paint = (style: Style, text: string) => string

interface Terminal {
  stream: NodeJS.WriteStream
  /** Whether lines may be drawn over: a terminal with somebody in front of it. */
  live: boolean
}

export interface Streams {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
  env: NodeJS.ProcessEnv
}

export function createIo(streams: Streams, json: boolean): Io {
  const { stdout, stderr, env } = streams
  const writeOut = writer(stdout)
  const writeError = writer(stderr)
  const out = json ? writeError : writeOut
  const toJson = (line: object): void => {
    if (json) writeOut(`${JSON.stringify(line)}\n`)
  }
  const paint = painter(stderr, env)
  return {
    environment: env,
    out,
    say: writeError,
    json: toJson,
    fail(message, exitCode) {
      writeError(`${paint('red', 'error')}: ${message}\n`)
      toJson({ event: 'error', message, exitCode })
    },
    outIsTerminal: stdout.isTTY === true && !json,
    terminal: { stream: stderr, live: stderr.isTTY === true && !isSet(env.CI) && env.TERM !== 'dumb' },
    paint,
    paintOut: json ? paint : painter(stdout, env),
  }
}

/** Once the reader has gone (`| head`), the rest is dropped without a word: what is kept is in the home. */
function writer(stream: NodeJS.WriteStream): (text: string) => void {
  let isGone = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
    isGone = true
  })
  return (text) => {
    if (!isGone) stream.write(text)
  }
}

function painter(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Paint {
  const shows = stream.isTTY === true && !env.NO_COLOR && stream.hasColors()
  return shows ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text
}

function isSet(variable: string | undefined): boolean {
  return variable !== undefined && variable !== '' && variable !== '0' && variable !== 'false'
}
