import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import type { LoadedProgram, Program, Session, Slot } from '@trainyard/program';

/** A session on the plain JavaScript backend. */
export const openSession = async (): Promise<Session> => (await openTfjsExecutor({ backend: 'cpu' })).openSession();

/** average = (average + w) / 2, with `w` fed: a program whose steps can be counted. */
export function averagingProgram(size = 3): Program {
  const slot = (id: number, name: string, role: Slot['role'], shape = [size]): Slot => ({
    id,
    name,
    shape,
    dtype: 'f32',
    role,
    viewOf: null,
    initializer: null,
  });
  return {
    name: 'averaging',
    slots: [
      slot(0, 'feed/w', 'feed'),
      slot(1, 'sum', 'transient'),
      slot(2, 'average', 'persistent'),
      slot(3, 'feed/shares', 'feed', [2]),
    ],
    ops: [
      { kind: 'add', in: { a: 0, b: 0 }, out: { y: 1 } },
      { kind: 'ema', in: { w: 1, shares: 3 }, update: { average: 2 } },
    ],
  };
}

/** Feeds of `steps` steps of the averaging program. */
export const ones = (program: LoadedProgram, steps: number) => ({
  'feed/w': new Float32Array(steps * (program.program.slots[0]?.shape[0] ?? 0)).fill(1),
  'feed/shares': new Float32Array(steps * 2).fill(0.5),
});
