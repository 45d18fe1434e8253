export { linkIfAbsent, replaceFile, syncFolder } from './durableFiles.js';
export { FileLock, LockHeldError } from './fileLock.js';
export { findHolder, type HeldBy, isRunning, type LockHolder } from './lockHolder.js';
export type { Logger } from './logger.js';
export { Loop } from './loop.js';
export { checkedDispatcher, checkUrl, type OutgoingOptions, RefusedRequestError } from './outgoing.js';
export {
  type PostgresClientSettings,
  type PostgresUrl,
  parsePostgresUrl,
  type SslMode,
  withPostgresParameters,
} from './postgresUrl.js';
export { type ProxySettings, proxiedFetch } from './proxiedFetch.js';
export { Backoff, type RetryOptions, retry } from './retry.js';
export { maskSecrets } from './secrets.js';
export { type Shutdown, type ShutdownOptions, shutDownOnSignal, stopRequested } from './shutdown.js';
export { storageFault } from './storageFault.js';
export { timeLimit } from './timeLimit.js';
export { usableMemory } from './usableMemory.js';
