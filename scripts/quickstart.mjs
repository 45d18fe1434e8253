import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Advice, capture, root, show } from './lib/shell.mjs';
import { main, prepare } from './lib/steps.mjs';

/**
 * `npm run quickstart`: from an empty machine to a trained, tested and downloaded network, through the same API and
 * command line that all users have. `-- --epochs 3 --architecture cnn3` trains something else.
 */

const cli = path.join(root, 'apps/cli/bin/trainyard.js');

main(async () => {
  const { epochs, architecture } = readArguments();
  printTitle('Preparing: packages, native code, TypeScript');
  await prepare();
  const { unmetRequirement } = await import('@trainyard/process/requirements');
  const unmet = unmetRequirement('service');
  if (unmet) throw new Advice(unmet);
  const { loadConfig } = await import('@trainyard/config');
  const { signInLink, startStack } = await import('@trainyard/embedded');
  const config = loadConfig();
  printTitle(`Starting Postgres, the API and a worker in ${config.home}`);
  const interrupted = interruption();
  const entries = {
    api: import.meta.resolve('@trainyard/api/server'),
    worker: import.meta.resolve('@trainyard/worker/main'),
  };
  const stack = await startStack({ settings: config, entries, print: console.log, anyPort: true });
  try {
    console.log(`  ${stack.url} (key in ${config.credentialsFile})`);
    const link = await signInLink(stack, config.publicUrl);
    if (link !== null) console.log(`  Watch it in the dashboard; this link signs in once: ${link}`);
    return await tour(stack, config, { epochs, architecture, interrupted });
  } finally {
    printTitle('Stopping');
    await stack.stop();
  }
});

/**
 * @typedef {import('@trainyard/config').Config} Config
 * @typedef {import('@trainyard/embedded').Stack} Stack
 * @typedef {{ epochs: string, architecture: string, interrupted: () => boolean }} TourOptions
 * @typedef {(...args: string[]) => Promise<number>} Trainyard runs the command line, and returns its exit code
 * @typedef {(...args: string[]) => Promise<any>} AnswerOf runs it with --json, and returns the parsed answer
 */

/**
 * @param {Stack} stack
 * @param {Config} config
 * @param {TourOptions} options
 * @returns {Promise<number>} the exit code
 */
async function tour(stack, config, { epochs, architecture, interrupted }) {
  const key = { TRAINYARD_API_KEY: stack.apiKey ?? undefined, TRAINYARD_API_KEY_FILE: undefined };
  const env = { ...process.env, TRAINYARD_URL: stack.url, ...key };
  /** @param {string[]} args */
  const printCommand = (args) => console.log(`$ trainyard ${args.join(' ')}`);
  /** @type {Trainyard} */
  const trainyard = async (...args) => {
    printCommand(args);
    return interrupted() ? 130 : show(process.execPath, [cli, ...args], { env });
  };
  /** @type {AnswerOf} */
  const answerOf = async (...args) => {
    printCommand(args);
    const { code, stdout, output } = await capture(process.execPath, [cli, '--json', ...args], { env });
    if (code !== 0) throw new Advice(output.trim());
    return JSON.parse(stdout);
  };

  printTitle('Getting the data');
  const dataset = await getData(config, trainyard, answerOf);
  if (dataset === null) return 1;

  printTitle(`Training ${architecture} on ${dataset}, ${epochs} ${Number(epochs) === 1 ? 'epoch' : 'epochs'}`);
  const recipe = ['--lr', '0.01', '--batch', '20', '--epochs', String(epochs)];
  const job = await answerOf('submit', architecture, '--dataset', dataset, ...recipe, '--name', 'quickstart');
  const code = await trainyard('watch', job.id);
  // Otherwise the next start would go on with it.
  if (interrupted()) await answerOf('cancel', job.id);
  if (code !== 0) return code;

  printTitle('What it gets right on the test images');
  const tested = await trainyard('results', job.id);
  if (tested !== 0) return tested;

  printTitle('Its best checkpoint, for TensorFlow.js');
  const downloads = path.join(config.home, 'downloads');
  await mkdir(downloads, { recursive: true });
  return trainyard('download', job.id, '--force', '--output', `${downloads}/`);
}

/**
 * Imports CIFAR-10 from an archive on this machine or from its official place, unless an earlier start has done so;
 * without a network it imports generated shapes.
 * @param {Config} config
 * @param {Trainyard} trainyard
 * @param {AnswerOf} answerOf
 * @returns {Promise<string | null>} the dataset's name; null when an import failed
 */
async function getData(config, trainyard, answerOf) {
  if (config.cifar10) {
    return (await trainyard('dataset', 'import', config.cifar10, '--name', 'cifar10')) === 0 ? 'cifar10' : null;
  }
  /** @type {{ name: string }[]} */
  const imported = (await answerOf('dataset', 'list')).data;
  if (imported.some(({ name }) => name === 'cifar10')) return 'cifar10';
  if ((await canDownload()) && (await trainyard('dataset', 'import', 'cifar10')) === 0) return 'cifar10';
  console.log('CIFAR-10 cannot be downloaded here, so this trains on generated shapes.');
  console.log('For the real images name an archive of them: TRAINYARD_CIFAR10=<cifar-10-python.tar.gz>');
  return (await trainyard('dataset', 'import', 'shapes')) === 0 ? 'shapes' : null;
}

/** A short check before the download, which retries for minutes on a bad network. */
async function canDownload() {
  const { downloads } = await import('@trainyard/datasets');
  const signal = AbortSignal.timeout(5000);
  return fetch(downloads.cifar10.url, { method: 'HEAD', signal }).then(
    (answer) => answer.ok,
    () => false,
  );
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        epochs: { type: 'string', default: '15' },
        architecture: { type: 'string', default: 'lenet' },
      },
    });
    if (!(Number.isInteger(Number(values.epochs)) && Number(values.epochs) > 0))
      throw new Error('--epochs must be a number');
    return values;
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    throw new Advice(`${message}\nusage: npm run quickstart -- [--epochs N] [--architecture PRESET]`);
  }
}

/** Records Ctrl-C, which ends the running step: no other step begins, and the stack still shuts down in order. */
function interruption() {
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      interrupted = true;
    });
  }
  return () => interrupted;
}

/** @param {string} title */
function printTitle(title) {
  console.log(`\n== ${title}`);
}
