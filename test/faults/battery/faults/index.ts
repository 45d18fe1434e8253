import { diskFaults } from './disk.js';
import type { Fault } from './fault.js';
import { jobFaults } from './jobs.js';
import { networkFaults } from './network.js';
import { postgresFaults } from './postgres.js';
import { processFaults } from './processes.js';
import { redisFaults } from './redis.js';

export type { Injected, Scene, Span } from './fault.js';

export const faults: Record<string, Fault> = {
  ...processFaults,
  ...jobFaults,
  ...networkFaults,
  ...postgresFaults,
  ...redisFaults,
  ...diskFaults,
};
