import { requireNode } from './system.mjs';
import {
  ensureCompiled,
  ensureDashboard,
  ensureDatabaseClient,
  ensureNative,
  ensurePackages,
  requireWritable,
} from './workspace.mjs';

/**
 * Does one step, and prints its title when it took longer than two seconds.
 * @param {string} title
 * @param {() => Promise<unknown>} work
 */
export async function step(title, work) {
  const begin = performance.now();
  await work();
  const seconds = (performance.now() - begin) / 1000;
  if (seconds > 2) console.log(`- ${title} (${seconds.toFixed(0)} s)`);
}

/** Installs and builds the workspace. When everything is up to date it takes a second. */
export async function prepare() {
  requireNode();
  try {
    await step('installed npm packages', ensurePackages);
    await step('generated the database client', ensureDatabaseClient);
    await step('built the native executor', ensureNative);
    await step('compiled TypeScript', ensureCompiled);
    await step('built the dashboard', ensureDashboard);
  } catch (error) {
    requireWritable();
    throw error;
  }
}

/**
 * Runs the main function of a script. Its result becomes the exit code. Of an error its message is printed;
 * the stack too where it is a fault of these programs, or with DEBUG=1.
 * @param {() => Promise<number | string | void | null>} work
 */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    const isFault = [TypeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind);
    const isBrief = error instanceof Error && !isFault && !process.env.DEBUG;
    console.error(isBrief ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}
