import { readFileSync } from 'node:fs';

const gibibyte = 2 ** 30;
/** Node.js and WebAssembly reserve far more addresses than memory: measured, a command needs 12 GiB and `up` 24. */
const addressSpace = { up: 32 * gibibyte, command: 12 * gibibyte };
/** Measured: `up` starts with 256; Node.js reads the program's modules at the same time. */
const openFiles = 256;

/**
 * What keeps this machine from running the program, in one sentence; null: nothing. Uses nothing that an older Node.js
 * lacks.
 * @param {string[]} args of the command line
 */
export function unmetRequirement(args, version = process.versions.node, limits = readLimits()) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!(major >= 24 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19)))
    return `Trainyard needs Node.js 20.19, 22.13, or 24 or newer; this is ${version}`;
  const files = limitOf(limits, 'Max open files');
  if (files < openFiles)
    return `this process may open ${files} files at a time, and Trainyard needs ${openFiles}: raise the limit (ulimit -n 1024)`;
  const space = limitOf(limits, 'Max address space');
  if (space < (args.includes('up') ? addressSpace.up : addressSpace.command)) {
    const given = `${(space / gibibyte).toFixed(1)} GiB of address space (ulimit -v)`;
    return `this process may use ${given}, and Node.js reserves more: lift the limit; a cgroup can limit memory instead`;
  }
  return null;
}

/**
 * The soft limits are in the first column; Node.js raises that of files to the hard one when it starts.
 * @param {string} limits
 * @param {string} name
 */
function limitOf(limits, name) {
  const line = limits.split('\n').find((text) => text.startsWith(name));
  const value = Number(line?.slice(name.length).trim().split(/\s+/)[0]);
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}

function readLimits() {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
