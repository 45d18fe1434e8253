export { linkIfAbsent, replaceFile, syncFolder } from './durableFiles.js';
export { FileLock, LockHeldError } from './fileLock.js';
export type { LockHolder } from './lockHolder.js';
export type { Logger } from './logger.js';
export { Loop } from './loop.js';
export { checkedDispatcher, checkUrl, type OutgoingOptions, RefusedRequestError } from './outgoing.js';
export { Backoff, type RetryOptions, retry } from './retry.js';
export { type Shutdown, type ShutdownOptions, shutDownOnSignal, stopRequested } from './shutdown.js';
export { storageFault } from './storageFault.js';
