export { type Gathered, type GatherOptions, gatherSources, type Progress } from './gather-sources.ts'
export { type RawSource, readSource } from './read-source.ts'
export type { ReadSource, SourceProblem, SourceProblemCode } from './source.ts'
