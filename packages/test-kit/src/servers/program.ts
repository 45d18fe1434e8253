import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../eventually.js';

/** @param flag with which the program prints its version and ends */
export const isInstalled = (program: string, flag: string): boolean => {
  try {
    execFileSync(program, [flag], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** For the settings of a program that, started by root, goes on as another user. `stop` removes it. */
export async function createSettingsFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `trainyard-${name}-`));
  await chmod(folder, 0o755);
  return folder;
}

/** A program that serves a port of this machine. */
export interface Program {
  stop(): Promise<void>;
}

/**
 * Resolves when the program accepts connections. @param folder of `createSettingsFolder`
 * @throws Error with what it wrote to its standard error, where it ends before
 */
export async function startProgram(program: string, args: string[], port: number, folder: string): Promise<Program> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (text) => {
    complaints += text;
  });
  await eventually(program, () => {
    if (child.exitCode !== null) throw new Error(`${program} ended: ${complaints}`);
    return canConnect(port);
  });
  return {
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true });
    },
  };
}

const canConnect = (port: number): Promise<true | null> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.end();
      resolve(true);
    });
    socket.on('error', () => resolve(null));
  });
