import { Advice, binary, capture, show } from './lib/shell.mjs';
import { main, prepare, step } from './lib/steps.mjs';
import { ensureRedis } from './lib/system.mjs';

/**
 * `npm test`: installs what is missing, builds, checks format, imports and types, and runs every test. Prints little
 * when all pass; the last line counts the tests. Arguments go to vitest: `npm test -- packages/training`.
 */
main(async () => {
  // The build of the native executor may show no warning; `WERROR= npm test` lets those of a newer compiler pass.
  process.env.WERROR ??= '1';
  // It has just been built, so tests that skip because it is missing would hide a fault.
  process.env.TRAINYARD_REQUIRE_NATIVE ??= '1';
  await prepare();
  await step('installed Redis for the tests', ensureRedis);
  await step('checked format, imports and types', check);
  return runTests(process.argv.slice(2));
});

async function check() {
  const node = process.execPath;
  const cruiser = binary('dependency-cruiser/bin/dependency-cruise.mjs');
  const checks = {
    format: [binary('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.'],
    imports: [cruiser, '--config', '.dependency-cruiser.mjs', 'apps', 'packages', 'bench'],
    types: [binary('typescript/bin/tsc'), '-p', 'tsconfig.test.json'],
    'types of the scripts': [binary('typescript/bin/tsc'), '-p', 'scripts'],
  };
  for (const [name, args] of Object.entries(checks)) {
    const { code, output } = await capture(node, args);
    if (code !== 0) throw new Advice(`The check of ${name} failed:\n\n${output.trim()}`);
  }
}

/** @param {string[]} args */
function runTests(args) {
  const flags = ['--reporter=./test/reporter.ts', '--silent=passed-only'];
  return show(process.execPath, [binary('vitest/vitest.mjs'), 'run', ...flags, ...args]);
}
