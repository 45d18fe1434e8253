import { Advice } from './shell.mjs';
import { requireNode } from './system.mjs';
import { ensureCompiled, ensureDatabaseClient, ensureNative, ensurePackages } from './workspace.mjs';

/** Does one step and, where it took more than a moment, says so on a line of its own. */
export async function step(title, work) {
  const begin = performance.now();
  await work();
  const seconds = (performance.now() - begin) / 1000;
  if (seconds > 2) console.log(`- ${title} (${seconds.toFixed(0)} s)`);
}

/** Everything up to a built workspace; a second run takes a second. */
export async function prepare() {
  requireNode();
  await step('installed npm packages', ensurePackages);
  await step('generated the database client', ensureDatabaseClient);
  await step('built the native executor', ensureNative);
  await step('compiled TypeScript', ensureCompiled);
}

/** Runs a script's main function; its number becomes the exit code, and advice is shown without a stack. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    console.error(error instanceof Advice ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
