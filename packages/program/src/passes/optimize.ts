import { eliminateDeadOps } from './eliminateDeadOps.js';
import { fuseActivation } from './fuseActivation.js';
import type { Pass } from './pass.js';

/** In this order. */
const passes: readonly Pass[] = [eliminateDeadOps, fuseActivation];

/** The same program with fewer ops and slots. */
export const optimize: Pass = (program) => passes.reduce((current, pass) => pass(current), program);
