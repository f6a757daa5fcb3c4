/** Tells whoever opens an export what it is. */
export function exportReadme(about: {
  session: string
  operator: string
  signed: boolean
  software: string
}): string {
  const { session, operator, signed, software } = about
  const word = signed
    ? 'The operator signed this file as a whole.'
    : "This file was not signed by the operator: the journal and the evidence are still bound by the session's own signatures, but README and reports are the word of whoever made the file."
  return `# Session ${session}

This is the complete record of one InfraFabric session, made by ${software}: what was asked, every message between
its coordinator and its agents, all evidence, the report and the bill. ${word}

- \`report.html\`, \`report.md\`, \`report.json\`: the answer, if there is one. Open \`report.html\` in a browser.
- \`journal.jsonl\`: one entry a line, chained by hash, with every signed message in it.
- \`objects/\`: the original evidence, its extracted text, and long messages; each file is called by its SHA-256.
- \`manifest.json\`: what belongs here, with the hash of each file. \`seal.json\`: the hash and the signature of it all.

## Verify it

You need no account, no network once it is installed, and nobody's word:

    npx infrafabric verify session.tar.gz --operator ${operator}

That fingerprint names the key of whoever ran the session. Ask that person for it by another way than this file:
anybody can make a file that is right in itself and signed with a key of their own.

Change one byte anywhere, and the command says what was changed. How it is checked, so that you can write a checker
of your own, is in docs/protocol of the InfraFabric sources.
`
}
