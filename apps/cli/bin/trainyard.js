#!/usr/bin/env node
import { unmetRequirement } from './requirements.js';

const unmet = unmetRequirement(process.argv.slice(2));
if (unmet === null) await import('../dist/main.js');
else {
  console.error(`error: ${unmet}`);
  process.exitCode = 2;
}
