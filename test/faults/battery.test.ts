import { it } from 'vitest';
import { runBattery } from './battery/battery.js';

it('every job under a handful of random faults ends once, with all its epochs, files and bits', () =>
  runBattery({ seed: 4, jobs: 12, faults: 8, backend: 'redis' }));
