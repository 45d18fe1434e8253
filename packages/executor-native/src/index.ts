export type { OpTime } from './addon.js';
export { type NativeExecutor, nativeAvailability, openNativeExecutor } from './executor.js';
export type { NativeLoadedProgram, NativeSession } from './session.js';
