import { readFileSync } from 'node:fs';

/*
 * An own entry of this package: a program imports it before all else, so it uses and imports nothing that an older
 * Node.js lacks.
 */

const gibibyte = 2 ** 30;
/**
 * Node.js and WebAssembly reserve far more addresses than memory. Measured: a command of the command line needs 12 GiB,
 * `up`, the API and a worker 24.
 */
const addressSpace = { command: 12 * gibibyte, service: 32 * gibibyte };
/** Measured: `up` starts with 256; Node.js reads the program's modules at the same time. */
const openFiles = 256;

export type ProgramKind = keyof typeof addressSpace;

/**
 * Imports and so runs a program, or says in one sentence what this machine lacks for it, with exit code 2.
 * @param start imports the program: an import of its own would fail to load before anything is checked
 */
export async function startWhereSupported(kind: ProgramKind, start: () => Promise<unknown>): Promise<void> {
  const unmet = unmetRequirement(kind);
  if (unmet === null) await start();
  else {
    console.error(`error: ${unmet}`);
    process.exitCode = 2;
  }
}

/** @returns what keeps this machine from running a program of that kind, in one sentence; null: nothing */
export function unmetRequirement(
  kind: ProgramKind,
  version = process.versions.node,
  limits = readLimits(),
): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!(major >= 24 || (major === 22 && minor >= 13) || (major === 20 && minor >= 19)))
    return `Trainyard needs Node.js 20.19, 22.13, or 24 or newer; this is ${version}`;
  const files = limitOf(limits, 'Max open files');
  if (files < openFiles) {
    const given = `${files} files at a time, and Trainyard needs ${openFiles}`;
    return `this process may open ${given}: raise the limit (ulimit -n 1024)`;
  }
  const space = limitOf(limits, 'Max address space');
  if (space < addressSpace[kind]) {
    const given = `${(space / gibibyte).toFixed(1)} GiB of address space (ulimit -v)`;
    const remedy = 'lift the limit; a cgroup can limit memory instead';
    return `this process may use ${given}, and Node.js reserves more: ${remedy}`;
  }
  return null;
}

/** The soft limits are in the first column; Node.js raises that of files to the hard one when it starts. */
function limitOf(limits: string, name: string): number {
  const line = limits.split('\n').find((text) => text.startsWith(name));
  const value = Number(line?.slice(name.length).trim().split(/\s+/)[0]);
  return Number.isNaN(value) ? Number.POSITIVE_INFINITY : value;
}

function readLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
