import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { root } from './workspace.mjs'

/** @import { Reporter, TestModule } from 'vitest/node' */

/**
 * @typedef {{ passed: number, failed: number, skipped: { name: string, reason: string }[] }} Count
 */

/**
 * A vitest reporter that writes a Count to the file named by TEST_COUNT_FILE. Vitest's own JSON report leaves
 * out why a test was skipped, and counts neither a file that does not load nor an error outside of any test.
 * @implements {Reporter}
 */
export default class CountReporter {
  /**
   * @param {readonly TestModule[]} modules
   * @param {readonly unknown[]} strayErrors
   */
  onTestRunEnd(modules, strayErrors) {
    /** @type {Count} */
    const count = { passed: 0, failed: strayErrors.length, skipped: [] }
    for (const module of modules) {
      let failedTests = 0
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') count.passed++
        else if (result.state === 'skipped') {
          count.skipped.push({
            name: `${relative(root, module.moduleId)} > ${test.fullName}`,
            reason: result.note ?? 'no reason given',
          })
        } else failedTests++
      }
      const failedOutsideTests = failedTests === 0 && !module.ok() ? 1 : 0
      count.failed += failedTests + failedOutsideTests
    }
    if (process.env.TEST_COUNT_FILE) writeFileSync(process.env.TEST_COUNT_FILE, JSON.stringify(count))
  }
}
