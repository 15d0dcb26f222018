// Prints the totals of a vitest JSON report as the closing line of the gate; exits 1 without a report.
import { readFileSync } from 'node:fs'

try {
  const report = JSON.parse(readFileSync(process.argv[2], 'utf8'))
  const { numPassedTests: passed, numFailedTests: failed, numTotalTests: total } = report
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length
  const skipped = total - passed - failed
  const tail = skipped > 0 ? `, ${skipped} skipped` : ''
  console.log(`${passed} passed, ${failed + brokenFiles} failed${tail}`)
} catch (error) {
  console.log(`the test runner left no report: ${error.message}`)
  console.log('0 passed, 1 failed')
  process.exit(1)
}
