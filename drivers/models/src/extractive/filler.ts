/** Lines that answer nothing, whatever words they hold: code, courtesies, and pointers to other pages. */
export function isFiller(text: string): boolean {
  // Lines of a text that is framed with stars are no sentences.
  return / \*$/.test(text) || isCode(text) || isCourtesy(text) || isPointer(text)
}

const CODE =
  /^(?:import|export|const|let|var|function|class|return|await|async|if|for|while|require|module|def|from|#include|@\w+)\b[^.!?]*[({;='"`]|=>|;$|[{([]$|\)\.\w+\(|\brequire\(|\w\(\)\)?[;,]?$|^[\w.$]+\([^)]*\)[;.,]?$|^\s*(?:\/\/|\/\*|<\/?\w+[ >])/

/** A line of a program. A row's `column: value; column: value` is none. */
function isCode(text: string): boolean {
  return CODE.test(text) && !/^[^:;=(]{1,60}: .*; [^:;=(]{1,60}: /.test(text)
}

const COURTESY =
  /^(?:many )?(?:thank(?:s| you)\b|dear\b|hello\b|hi\b|(?:kind|best|warm) regards\b|yours (?:sincerely|faithfully|truly)\b|(?:we|i) (?:look forward|hope)\b|looking forward\b|(?:please )?(?:do not|don't) hesitate\b|please find\b)/i

/** What letters open and close with. A figure in it may still matter. */
function isCourtesy(text: string): boolean {
  return (
    COURTESY.test(text) &&
    (!/\d/.test(text) || /^thank(?:s| you) for your \p{Ll}+ (?:of|dated)\b/iu.test(text))
  )
}

const LINK = /!?\[[^\]]*\]\([^)]*\)|\[[^\]]*\]\[[^\]]*\]|<?https?:\/\/[^\s>]+>?|\bwww\.\S+/g
const POINTS =
  /^[\s\p{P}\p{S}]*(?:for (?:more|further|full|detailed)\b[^,]*, )?(?:please )?(?:see|visit|read|check|click|refer|consult|learn more|more (?:information|details)|full (?:documentation|docs)|documentation|docs|website|homepage)\b/iu

/** Links, and sentences that only send the reader elsewhere. */
function isPointer(text: string): boolean {
  const links = text.match(LINK)
  const rest = text.replace(LINK, ' ')
  const words = rest.match(/\p{L}{2,}/gu)?.length ?? 0
  if (links !== null && words < 3) return true
  return POINTS.test(rest) && (links !== null || text.length < 120) && words < 16 && !/\d/.test(rest)
}

/** The text of licences that stands alike in thousands of files. */
export function isLegalForm(text: string): boolean {
  return /\b(?:permission notice|hereby granted|warrant(?:y|ies)|redistributions? (?:of|in)|merchantability|shall (?:be|the) .{0,40}liable|without limitation)\b/i.test(
    text,
  )
}
