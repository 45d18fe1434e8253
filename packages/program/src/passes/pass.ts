import type { Program } from '../program.js';

/** Rewrites a program into one that computes the same. */
export type Pass = (program: Program) => Program;
