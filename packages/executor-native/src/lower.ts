import type { Op, Program } from '@trainyard/program';
import { fuseConvPool } from './fuseConvPool.js';
import type { FusedOp } from './fusedOps.js';

/** A program as the addon runs it. */
export type LoweredProgram = Program<Op | FusedOp>;

/** The program as this executor runs it on a CPU, where some ops of its own replace several of the program's. */
export const lowerForCpu = (program: Program): LoweredProgram => fuseConvPool(program);
