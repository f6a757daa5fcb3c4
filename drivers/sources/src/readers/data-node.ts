/** JSON or YAML as it was written: figures keep their digits (`1.10`), every value its line. */
export type DataNode =
  | { is: 'value'; text: string; line: number }
  | { is: 'map'; entries: { key: string; value: DataNode }[]; line: number }
  | { is: 'list'; items: DataNode[]; line: number }

/** Deeper than anything people write; stops a file of a million brackets. */
export const DATA_DEPTH_MAX = 100
