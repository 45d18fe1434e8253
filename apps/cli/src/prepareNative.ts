import path from 'node:path';
import type { Config } from '@trainyard/config';
import { buildAddon, isAddonBuilt, missingBuildTools, writableBuildFolder } from '@trainyard/executor-native';
import { formatBarLine } from './format/epochs.js';
import type { Terminal } from './terminal.js';
import { version } from './version.js';

const fallback = 'Until then, training runs in plain JavaScript, thousands of times slower.';

/**
 * Builds the native executor where it is not built yet: an installation from npm brings its sources. Training works
 * without it, so a build that cannot run or fails is only reported.
 */
export async function prepareNative({ executor, home }: Config, terminal: Terminal): Promise<void> {
  if (executor === 'tfjs') return;
  // One folder for each version: an upgrade must not load the addon of the version before.
  process.env.TRAINYARD_NATIVE_BUILD ??= path.join(home, 'native', version);
  if (isAddonBuilt()) return;
  const missing = await missingBuildTools();
  if (missing.length > 0) {
    terminal.print(`The native executor cannot be built, as this machine lacks ${missing.join(', ')}. ${fallback}`);
    terminal.print('On Debian: apt-get install -y g++ make libdnnl-dev, then start again.');
    return;
  }
  await build(process.env.TRAINYARD_NATIVE_BUILD, terminal);
}

async function build(fallbackFolder: string, terminal: Terminal): Promise<void> {
  terminal.print('Building the native executor from its C++ sources, which takes some minutes, once');
  const progress = progressLines(terminal);
  try {
    const folder = await writableBuildFolder(fallbackFolder);
    await buildAddon(folder, progress);
    terminal.status('');
    terminal.print(`Built the native executor in ${folder}`);
  } catch (error) {
    terminal.status('');
    const reason = error instanceof Error ? error.message : String(error);
    terminal.print(`The native executor could not be built. ${fallback} ${reason}`);
  }
}

/** A bar on a terminal; elsewhere a line for every quarter. */
function progressLines(terminal: Terminal): (done: number, total: number) => void {
  let quarters = 0;
  return (done, total) => {
    const amount = `${done} of ${total} files`;
    terminal.status(formatBarLine('compiling', done / total, amount, terminal.columns));
    if (terminal.isTTY || Math.floor((4 * done) / total) === quarters) return;
    quarters = Math.floor((4 * done) / total);
    terminal.print(`compiled ${amount}`);
  };
}
