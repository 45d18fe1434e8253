/** A running Trainyard: its processes as a user starts them, from `dist/`, and what tests do with its jobs. */
export { type EmbeddedStack, startEmbedded, useEmbedded } from './embedded.js';
export { createHome, type Home, readCredentials } from './home.js';
export {
  epochsOf,
  eventsOf,
  longSpec,
  outcomeOf,
  quickSpec,
  slowSpec,
  trainerPid,
  waitForEnd,
  waitForFirstEpoch,
  waitForMiddleOfEpoch,
} from './jobs.js';
export { descendants, isAlive, NodeProcess, type ScriptName } from './nodeProcess.js';
export { patterns } from './patterns.js';
export { ServedStack, useServed } from './served.js';
export { SupervisedProcess } from './supervised.js';
