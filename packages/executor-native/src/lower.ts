import type { Program } from '@trainyard/program';
import { fuseConvPool } from './fuseConvPool.js';

/**
 * The program as this executor runs it on a CPU: with ops of its own in the place of several. Those are not in `Op`; what
 * looks at operands alone (a plan of memory, a printout) takes them all the same.
 */
export const lowerForCpu = (program: Program): Program => fuseConvPool(program) as Program;
