import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Advice, binary, capture, root, show } from './lib/shell.mjs';
import { main, prepare, step } from './lib/steps.mjs';
import { ensureRedis } from './lib/system.mjs';

/**
 * `npm test`: installs what is missing, builds, checks format, imports and types, and runs every test. Quiet when green;
 * the last line counts the tests. Arguments go to vitest: `npm test -- packages/training`.
 */
main(async () => {
  await prepare();
  await step('installed Redis for the tests', ensureRedis);
  await step('checked format, imports and types', check);
  return runTests(process.argv.slice(2));
});

async function check() {
  const node = process.execPath;
  const checks = {
    format: [binary('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'],
    imports: [
      binary('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.mjs',
      'apps',
      'packages',
    ],
    types: [binary('typescript/bin/tsc'), '-p', 'tsconfig.test.json'],
  };
  for (const [name, args] of Object.entries(checks)) {
    const { code, output } = await capture(node, args);
    if (code !== 0) throw new Advice(`The check of ${name} failed:\n\n${output.trim()}`);
  }
}

async function runTests(args) {
  const folder = await mkdtemp(path.join(tmpdir(), 'trainyard-tests-'));
  const report = path.join(folder, 'report.json');
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
  try {
    const code = await show(process.execPath, [binary('vitest/vitest.mjs'), 'run', ...reporters, ...args], {
      cwd: root,
    });
    console.log(counts(JSON.parse(await readFile(report, 'utf8'))));
    return code;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A file that failed before its first test counts as one failed test. */
function counts({ numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults }) {
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  );
  return `${numPassedTests} passed, ${numFailedTests + broken.length} failed, ${numPendingTests + numTodoTests} skipped`;
}
