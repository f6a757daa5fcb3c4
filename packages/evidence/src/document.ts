import type { Sha256 } from '@infrafabric/protocol'

/**
 * The text of one source, as a reader extracted it. It is stored in the object store as canonical JSON, so
 * that a quote can be checked without the reader, and a reader's work can be repeated and compared.
 */
export interface Document {
  /** SHA-256 of the source's original bytes. */
  source: Sha256
  /** What a person calls it: a path relative to the mission's folder, or a URL. */
  name: string
  mediaType: string
  /** Name and version of the reader, such as `pdf/1`. A reader that would give other text has another version. */
  reader: string
  title?: string
  blocks: Block[]
}

/** A paragraph, heading, list item, table row or code block, in reading order. */
export interface Block {
  kind: 'heading' | 'text' | 'item' | 'row' | 'code'
  /** Of a heading: 1 is the outermost. */
  level?: number
  /** Never empty; well-formed Unicode, line breaks as `\n`. Of a row: `column: value; column: value`. */
  text: string
  place: Place
}

/** Where in the source it stands; pages and lines count from 1. */
export interface Place {
  page?: number
  line?: number
  lineEnd?: number
}

/** A stretch of a document that is ranked, shown to a model under a number, and quoted from. */
export interface Passage {
  source: Sha256
  /** Position among the document's passages, from 0. `(source, passage)` names it for good. */
  passage: number
  name: string
  /** The headings it stands under, outermost first. */
  headings: string[]
  text: string
  place: Place
}

export interface RankedPassage extends Passage {
  score: number
}
