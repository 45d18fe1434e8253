import { setTimeout as sleep } from 'node:timers/promises';
import type { TrainyardClient } from '@trainyard/client';
import type { Machines, Shared } from '../machines.js';
import type { Random } from '../random.js';

/** Milliseconds on the clock of `performance.now()`. */
export type Span = { from: number; to: number };

export interface Scene {
  machines: Machines;
  client: TrainyardClient;
  random: Random;
  /** Jobs that were deleted at their end, and when. */
  deleted: Map<string, Span>;
  /** Keys of checkpoints whose files were truncated. */
  truncated: Set<string>;
  /** What was written in these times may be lost, because the standby that was promoted then had not received it. */
  gaps: Span[];
}

/** A fault that has begun. */
export interface Injected {
  /** For the log. */
  what: string;
  /** What cannot work until it is over: names of processes, ids of jobs, or `servers`, without which none can. */
  hits: string[];
  /** Resolves when the fault is over; without it, it was over at once. */
  over?: Promise<unknown>;
}

/** Begins a fault. Returns null when there was nothing to hit. Each may begin while others are not over yet. */
export type Fault = (scene: Scene) => Promise<Injected | null>;

export const after = (milliseconds: number, repair: () => unknown): Promise<unknown> =>
  sleep(milliseconds).then(repair);

/** A fault that cannot begin while another fault of the same server is not over. */
export const alone =
  (server: Shared, fault: Fault): Fault =>
  async (scene) => {
    const { taken } = scene.machines;
    if (taken.has(server)) return null;
    taken.add(server);
    const release = () => taken.delete(server);
    try {
      const injected = await fault(scene);
      if (injected?.over) injected.over = injected.over.finally(release);
      else release();
      return injected;
    } catch (error) {
      release();
      throw error;
    }
  };

/** Returns false when the process does not exist any more. */
export function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
