import { it } from 'vitest';
import { runBattery } from './battery/battery.js';

it('every job ends once, with all its epochs and files and the right weights, under eight random faults', () =>
  runBattery({ seed: 4, jobs: 12, faults: 8, backend: 'redis' }));
