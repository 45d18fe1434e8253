/** The two sides of a benchmark: each timing is a process of its own, and all give the same figures. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Something that whoever typed the command has to change. */
export class UsageError extends Error {}

/** Runs a command; one that was called wrongly ends with its message and exit code 2. */
export async function tellingMisuse(command) {
  try {
    await command();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

/** Runs a child and returns the JSON lines that it printed as one object. */
function jsonOf(command, args) {
  const texts = args.map(String);
  const child = spawnSync(command, texts, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (child.status !== 0) throw new UsageError(`${command} ${texts.join(' ')}\n${child.error ?? child.stderr}`);
  const lines = child.stdout.split('\n').filter((line) => line.startsWith('{'));
  return Object.assign({}, ...lines.map((line) => JSON.parse(line)));
}

/** One timing of the trainer's own program; see step.mjs for what it gives. */
export function timeTrainer({ model, batch, executor, device, precision, threads, seconds, profile = false }) {
  const where = ['--executor', executor, '--device', device, '--precision', precision, '--threads', threads];
  const args = ['--model', model, '--batch', batch, ...where, '--seconds', seconds];
  return jsonOf(process.execPath, [here('step.mjs'), ...args, ...(profile ? ['--profile'] : [])]);
}

/**
 * The PyTorch script that TRAINYARD_TORCH_PEER names, run by TRAINYARD_PYTHON (/usr/bin/python3); null where it names none.
 * It takes --model, --batch, --mode, --device, --dtype, --channels-last, --threads, --steps, --warmup and --repeats, and prints
 * JSON with torch, ms_per_step and images_per_second.
 */
export function findPeer(env = process.env) {
  const script = env.TRAINYARD_TORCH_PEER;
  if (!script) return null;
  if (!existsSync(script)) throw new UsageError(`TRAINYARD_TORCH_PEER: there is no ${script}`);
  const python = env.TRAINYARD_PYTHON ?? '/usr/bin/python3';
  return { script, python, ...jsonOf(python, [here('torch_facts.py')]) };
}

/** One timing of the peer. `steps` a repeat, three repeats. */
export function timePeer(peer, { model, batch, mode, device, precision, channelsLast, threads, steps }) {
  const where = ['--device', device.replace(/^torch:/, ''), '--dtype', precision, '--threads', threads];
  const args = ['--model', model, '--batch', batch, '--mode', mode, ...where];
  const length = ['--steps', steps, '--warmup', Math.min(steps, 5), '--repeats', 3];
  const layout = channelsLast ? ['--channels-last'] : [];
  const timing = jsonOf(peer.python, [here('measured.py'), peer.script, ...args, ...length, ...layout]);
  return { msPerStep: timing.ms_per_step, peakBytes: timing.peak_bytes };
}
