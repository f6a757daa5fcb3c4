import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml'
import { formatPath, type Path, quoted } from './fault.ts'

/** A fault before it has a line; the message is made only for those that are shown. */
export interface FaultAt {
  /** In UTF-16 code units from the start of the text, without its byte order mark. */
  offset: number
  path: string
  message: string | (() => string)
}

/** Where a value, and the key it stands under, begin. */
export interface Located {
  offset: number
  keyOffset: number
  members: Map<string | number, Located>
  is: 'mapping' | 'list' | 'scalar'
}

export interface LocatedYaml {
  value: unknown
  root: Located
  faults: FaultAt[]
  /** False: the text is not YAML, and `value` means nothing. */
  readable: boolean
  place(offset: number): { line: number; column: number }
}

const DEPTH_MAX = 32
/** An alias is a convenience for a model's name or so; nothing real comes near this. */
const ALIASED_VALUES_MAX = 1_000

/** YAML 1.2 as plain values without prototypes to pollute, and the place of each. Never throws. */
export function readLocatedYaml(source: string): LocatedYaml {
  const text = source.startsWith('\uFEFF') ? source.slice(1) : source
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error', // 'silent' would pass over further documents too
    schema: 'core',
    stringKeys: true,
    uniqueKeys: false, // the library compares every pair of keys; the reader below uses a map
  })
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const nothing: Located = { offset: 0, keyOffset: 0, members: new Map(), is: 'scalar' }
  const errors = [...document.errors, ...document.warnings]
  if (document.directives.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    return { value: null, root: nothing, faults: [oldYaml], readable: false, place }
  }
  if (errors.length > 0) {
    const exhausted = errors.find((error) => error.code === 'RESOURCE_EXHAUSTION')
    const faults = (exhausted === undefined ? errors : [exhausted]).map(syntaxFault)
    return { value: null, root: nothing, faults, readable: false, place }
  }
  const reader = new Reader(place)
  const { value, located } = reader.read(document.contents, [], 0)
  return { value, root: located, faults: reader.faults, readable: true, place }
}

const oldYaml: FaultAt = {
  offset: 0,
  path: '',
  message: 'missions are YAML 1.2; remove the %YAML line',
}

const REMEDIES: Partial<Record<YAMLError['code'], string>> = {
  BAD_INDENT: 'is indented unlike its neighbours; give the keys of one mapping the same number of spaces',
  BLOCK_AS_IMPLICIT_KEY:
    'has a second ": " on one line; put the text in quotes, or the mapping on its own lines',
  KEY_OVER_1024_CHARS: 'is a key of more than 1,024 characters; a key is a short word followed by a colon',
  MISSING_CHAR: 'lacks a character that YAML needs here (a colon, comma, quote or closing bracket); add it',
  MULTILINE_IMPLICIT_KEY: 'is a key over several lines; is the colon after it missing?',
  MULTIPLE_DOCS: 'starts a second document; a file holds one mission, so remove the "---"',
  NON_STRING_KEY: 'is a key that is not text; a key is a short word followed by a colon',
  RESOURCE_EXHAUSTION: 'is nested too deeply; a mission needs four levels',
  TAB_AS_INDENT: 'is indented with a tab; use spaces',
  TAG_RESOLVE_FAILED: 'has a tag (!) that missions do not know; remove it, or put the text in quotes',
  BAD_SCALAR_START: 'starts with a character that is reserved in YAML; put the text in quotes',
  BAD_DQ_ESCAPE: 'has an unknown \\ escape; double the backslash, or use single quotes',
  BAD_ALIAS: 'starts with * or &, which YAML takes for a reference; put the text in quotes',
}

function syntaxFault(error: YAMLError): FaultAt {
  const detail = error.message.split('\n', 1)[0] ?? ''
  const open = detail.startsWith('Flow ') && detail.includes('end with a')
  const remedy = open ? 'has a bracket that is not closed; add the ] or }' : REMEDIES[error.code]
  // What is said of an exhausted resource is about the parser, not about the file.
  const inside =
    error.code === 'RESOURCE_EXHAUSTION'
      ? ''
      : ` (${quoted(detail, 100).slice(1, -1).replaceAll('\\"', '"')})`
  const message = `${remedy ?? 'is not YAML; correct it'}${inside}`
  return { offset: error.pos[0], path: '', message }
}

interface Read {
  value: unknown
  located: Located
}

class Reader {
  readonly faults: FaultAt[] = []
  private readonly place: (offset: number) => { line: number }
  private readonly anchors = new Map<string, Node | 'open'>()
  private aliasedValues = 0
  private aliasOffset: number | null = null
  private exhausted = false

  constructor(place: (offset: number) => { line: number }) {
    this.place = place
  }

  read(node: unknown, path: Path, keyOffset: number): Read {
    if (isAlias(node)) return this.readAliased(node.source, start(node, keyOffset), path, keyOffset)
    const offset = this.aliasOffset ?? start(node, keyOffset)
    const located: Located = {
      offset,
      keyOffset: this.aliasOffset ?? keyOffset,
      members: new Map(),
      is: 'scalar',
    }
    const nothing = { value: null, located }
    if (this.exhausted) return nothing
    if (this.aliasOffset !== null && ++this.aliasedValues > ALIASED_VALUES_MAX) {
      this.exhausted = true
      return this.refuse(nothing, path, 'repeats too much by aliases (*); write the values out')
    }
    if (path.length > DEPTH_MAX)
      return this.refuse(nothing, path, 'is nested too deeply; a mission needs four levels')

    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined
    if (anchor !== undefined) this.anchors.set(anchor, 'open')
    const value = this.readValue(node, located, path)
    if (anchor !== undefined) this.anchors.set(anchor, node as Node)
    return { value, located }
  }

  private readValue(node: unknown, located: Located, path: Path): unknown {
    if (isMap(node)) return this.readMapping(node.items, located, path)
    if (isSeq(node)) {
      located.is = 'list'
      return node.items.map((item, index) => {
        const read = this.read(item, [...path, index], located.offset)
        located.members.set(index, read.located)
        return read.value
      })
    }
    return isScalar(node) ? node.value : null
  }

  private readMapping(
    items: readonly { key: unknown; value: unknown }[],
    located: Located,
    path: Path,
  ): unknown {
    located.is = 'mapping'
    const mapping: Record<string, unknown> = {}
    for (const item of items) {
      const key = isScalar(item.key) ? String(item.key.value ?? '') : ''
      const keyOffset = this.aliasOffset ?? start(item.key, located.offset)
      const inner = [...path, key]
      const earlier = located.members.get(key)
      const read = this.read(item.value, inner, keyOffset)
      if (key === '__proto__') {
        this.faults.push({
          offset: keyOffset,
          path: formatPath(inner),
          message: 'is not a key of a mission; remove it',
        })
      } else if (earlier !== undefined) {
        const { line } = this.place(earlier.keyOffset)
        const message = `is already given in line ${line}; keep one of them`
        this.faults.push({ offset: keyOffset, path: formatPath(inner), message })
      } else {
        mapping[key] = read.value
        located.members.set(key, read.located)
      }
    }
    return mapping
  }

  private readAliased(name: string, offset: number, path: Path, keyOffset: number): Read {
    const outermost = this.aliasOffset === null
    const located: Located = {
      offset: this.aliasOffset ?? offset,
      keyOffset,
      members: new Map(),
      is: 'scalar',
    }
    const target = this.anchors.get(name)
    if (target === undefined || target === 'open') {
      const what =
        target === 'open' ? 'is an alias of something it is a part of' : 'is an alias of nothing above it'
      return this.refuse(
        { value: null, located },
        path,
        `${what}; write the value out, or put the text in quotes`,
      )
    }
    if (outermost) this.aliasOffset = offset
    const read = this.read(target, path, keyOffset)
    if (outermost) this.aliasOffset = null
    return { value: read.value, located: { ...read.located, keyOffset } }
  }

  private refuse(read: Read, path: Path, message: string): Read {
    this.faults.push({ offset: read.located.offset, path: formatPath(path), message })
    return read
  }
}

/** Of a node; of an empty one, that of its key. */
function start(node: unknown, keyOffset: number): number {
  if (!(isScalar(node) || isMap(node) || isSeq(node) || isAlias(node))) return keyOffset
  const range = node.range
  return range == null || range[0] === range[1] ? keyOffset : range[0]
}
