/** Servers that tests share or start, for any package. A running Trainyard: `@trainyard/test-kit/service`. */
export { eventually } from './eventually.js';
export { createTestDatabase, type TestDatabase } from './servers/database.js';
export { findDebianPostgres, startDebianPostgres } from './servers/debianPostgres.js';
export { encrypt } from './servers/encrypted.js';
export { type HttpProxy, startHttpProxy } from './servers/httpProxy.js';
export { useMemoryGroup } from './servers/memoryGroup.js';
export { hasPgBouncer, type PgBouncer, startPgBouncer } from './servers/pgBouncer.js';
export { type PostgresServer, startPostgres } from './servers/postgres.js';
export { startProxy, TcpProxy } from './servers/proxy.js';
export { type RedisServer, startRedis } from './servers/redis.js';
export { postgresUrl, redisUrl } from './servers/shared.js';
export { cannotMount, type SmallDisk, useSmallDisk } from './servers/smallDisk.js';
export { type StandbyServer, startStandby } from './servers/standby.js';
export { type Certificates, createCertificates } from './servers/tls.js';
export { hasHaproxy, hasNginx, startHaproxy, startNginx, type WebProxy } from './servers/webProxies.js';
