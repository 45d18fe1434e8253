export type { OpTime } from './addon.js';
export { writableBuildFolder } from './addonFile.js';
export { buildAddon, isAddonBuilt, missingBuildTools } from './buildAddon.js';
export {
  type Availability,
  type NativeExecutor,
  type NativeOptions,
  nativeAvailability,
  openNativeExecutor,
} from './executor.js';
export { lowerForCpu } from './lower.js';
export type { NativeLoadedProgram, NativeSession } from './session.js';
