import { DefaultReporter, type TestModule } from 'vitest/node';

/**
 * The output of `npm test`: progress on a terminal, but no line a file; every failure in full at the end; vitest's
 * summary; and, as the last line, the plain number of tests.
 */
export default class QuietReporter extends DefaultReporter {
  protected override printTestModule(): void {}

  override onTestRunEnd(...end: Parameters<DefaultReporter['onTestRunEnd']>): void {
    super.onTestRunEnd(...end);
    this.log(`\n${count(end[0])}`);
  }
}

function count(modules: readonly TestModule[]): string {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const module of modules) {
    const before = counts.failed;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      counts[state === 'pending' ? 'skipped' : state] += 1;
    }
    // A file or a hook failed before its tests ran.
    if (module.state() === 'failed' && counts.failed === before) counts.failed += 1;
  }
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}
