export { createTestDatabase, type TestDatabase } from './database.js';
export { eventually } from './eventually.js';
export { type PostgresServer, startPostgres } from './postgres.js';
export { type RedisServer, startRedis } from './redis.js';
export { postgresUrl, redisUrl } from './servers.js';
