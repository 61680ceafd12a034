import { DefaultReporter } from 'vitest/node';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Vitest's usual output, closed by one line `N passed, N failed, N skipped` that CI reads.
 * A module that cannot even be loaded counts as one failed test, so that it can never hide behind a green line.
 */
export default class ClosingLineReporter extends DefaultReporter implements Reporter {
  override onTestRunEnd(...args: Parameters<DefaultReporter['onTestRunEnd']>): void {
    super.onTestRunEnd(...args);
    const [modules, unhandled] = args;
    const count = { passed: 0, failed: unhandled.length, skipped: 0 };
    for (const module of modules) countModule(module, count);
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  }
}

function countModule(module: TestModule, count: { passed: number; failed: number; skipped: number }): void {
  if (module.errors().length > 0) count.failed += 1;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') count.passed += 1;
    else if (state === 'skipped') count.skipped += 1;
    else count.failed += 1;
  }
}
