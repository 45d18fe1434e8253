import { fileURLToPath } from 'node:url';
import { run } from '../../packaging/support.js';
import type { Service } from './service.js';

/** What replica.py prints of a run. */
export interface Replica {
  /** Whether every loss and weight is a finite number; training ends after the first epoch with one that is not. */
  finite: boolean;
  epochs: {
    learningRate: number;
    trainLoss: number;
    trainAccuracy: number;
    validationLoss: number;
    validationAccuracy: number;
  }[];
  test: ReplicaTest | null;
}

export interface ReplicaTest {
  loss: number;
  accuracy: number;
  /** `[true class][predicted class]` */
  confusion: number[][];
}

/** @throws Error where PYTHON is not set */
export function python(): string {
  const { PYTHON } = process.env;
  if (!PYTHON) throw new Error('PYTHON names no Python with PyTorch: use npm run test:pytorch');
  return PYTHON;
}

/** Trains the runs that `writeRun` wrote in PyTorch, in their order. */
export async function trainInPyTorch({ folder }: Service, runs: string[]): Promise<Replica[]> {
  const program = fileURLToPath(new URL('../replica.py', import.meta.url));
  const output = await run(python(), [program, ...runs], folder);
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Replica);
}
