/** Where and how the local platform is opened. */
export interface LocalConfig {
  /** The folder that holds everything. Made when missing, with permissions 0700. */
  home: string
  /** Opens an existing home for reading: no byte of it changes, no file is made, and it may be on a read-only disk. */
  readOnly?: boolean
  /** Epoch ms; left out: the machine's clock. */
  now?: () => number
  /** How often a message is handed out before it goes to the dead letters; left out: 5. */
  receivesMax?: number
}
