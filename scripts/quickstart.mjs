import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Advice, capture, root, show } from './lib/shell.mjs';
import { main, prepare } from './lib/steps.mjs';

/**
 * `npm run quickstart`: from an empty machine to a trained, tested, downloaded network, through the same API and command
 * line that everybody uses. `-- --epochs 3 --architecture cnn3` trains something else.
 */

const cli = path.join(root, 'apps/cli/bin/trainyard.js');

main(async () => {
  const { epochs, architecture } = readArguments();
  say('Preparing: packages, native code, TypeScript');
  await prepare();
  const { loadConfig } = await import('@trainyard/config');
  const { startStack } = await import('@trainyard/embedded');
  const config = loadConfig();
  say(`Starting Postgres, the API and a worker in ${config.home}`);
  const interrupted = interruption();
  const entries = {
    api: import.meta.resolve('@trainyard/api/server'),
    worker: import.meta.resolve('@trainyard/worker/main'),
  };
  const stack = await startStack({ settings: config, entries, print: console.log, anyPort: true });
  try {
    console.log(`  ${stack.url} (key in ${config.credentialsFile})`);
    return await tour(stack, config, { epochs, architecture, interrupted });
  } finally {
    say('Stopping');
    await stack.stop();
  }
});

async function tour(stack, config, { epochs, architecture, interrupted }) {
  const env = { ...process.env, TRAINYARD_URL: stack.url, TRAINYARD_API_KEY: stack.apiKey };
  const shown = (args) => console.log(`$ trainyard ${args.join(' ')}`);
  const trainyard = async (...args) => {
    shown(args);
    return interrupted() ? 130 : show(process.execPath, [cli, ...args], { env });
  };
  const answerOf = async (...args) => {
    shown(args);
    const { code, output } = await capture(process.execPath, [cli, '--json', ...args], { env });
    if (code !== 0) throw new Advice(output.trim());
    return JSON.parse(output);
  };

  say('Getting the data');
  const dataset = await getData(config, trainyard, answerOf);
  if (dataset === null) return 1;

  say(`Training ${architecture} on ${dataset}, ${epochs} ${Number(epochs) === 1 ? 'epoch' : 'epochs'}`);
  const recipe = ['--lr', '0.01', '--batch', '20', '--epochs', String(epochs)];
  const job = await answerOf('submit', architecture, '--dataset', dataset, ...recipe, '--name', 'quickstart');
  const code = await trainyard('watch', job.id);
  // Or it would be the first thing that the next start trains.
  if (interrupted()) await answerOf('cancel', job.id);
  if (code !== 0) return code;

  say('What it gets right on the test images');
  const tested = await trainyard('results', job.id);
  if (tested !== 0) return tested;

  say('Its best checkpoint, for TensorFlow.js');
  const downloads = path.join(config.home, 'downloads');
  await mkdir(downloads, { recursive: true });
  return trainyard('download', job.id, '--force', '--output', `${downloads}/`);
}

/**
 * CIFAR-10 from an archive at hand, from an earlier start, or from its official place; without a network, generated
 * shapes. Gives the dataset's name; null where an import failed.
 */
async function getData(config, trainyard, answerOf) {
  if (config.cifar10) {
    return (await trainyard('dataset', 'import', config.cifar10, '--name', 'cifar10')) === 0 ? 'cifar10' : null;
  }
  const there = (await answerOf('dataset', 'list')).data;
  if (there.some(({ name }) => name === 'cifar10')) return 'cifar10';
  if ((await officialDownloadAnswers()) && (await trainyard('dataset', 'import', 'cifar10')) === 0) return 'cifar10';
  console.log('CIFAR-10 cannot be downloaded here, so this trains on generated shapes.');
  console.log('For the real images name an archive of them: TRAINYARD_CIFAR10=<cifar-10-python.tar.gz>');
  return (await trainyard('dataset', 'import', 'shapes')) === 0 ? 'shapes' : null;
}

/** Asked before the download, whose patience with a bad network would be none of a stranger's. */
async function officialDownloadAnswers() {
  const { downloads } = await import('@trainyard/datasets');
  const signal = AbortSignal.timeout(5000);
  return fetch(downloads.cifar10.url, { method: 'HEAD', signal }).then(
    (answer) => answer.ok,
    () => false,
  );
}

function readArguments() {
  try {
    const options = {
      epochs: { type: 'string', default: '15' },
      architecture: { type: 'string', default: 'lenet' },
    };
    const { values } = parseArgs({ options });
    if (!(Number.isInteger(Number(values.epochs)) && Number(values.epochs) > 0))
      throw new Error('--epochs must be a number');
    return values;
  } catch (error) {
    throw new Advice(`${error.message}\nusage: npm run quickstart -- [--epochs N] [--architecture PRESET]`);
  }
}

/** Whether Ctrl-C was pressed: the step under way ends by it, no other begins, and the stack still stops in order. */
function interruption() {
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      interrupted = true;
    });
  }
  return () => interrupted;
}

function say(line) {
  console.log(`\n== ${line}`);
}
