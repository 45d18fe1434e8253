import { eliminateDeadOps } from './eliminateDeadOps.js';
import { fuseActivation } from './fuseActivation.js';
import type { Pass } from './pass.js';
import { updateEarly } from './updateEarly.js';

/** In this order. */
const passes: readonly Pass[] = [eliminateDeadOps, fuseActivation, updateEarly];

/** The same program with fewer ops and slots, in an order that needs less memory. */
export const optimize: Pass = (program) => passes.reduce((current, pass) => pass(current), program);
