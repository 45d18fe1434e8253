export { ConfigError } from './error.js';
export { type Config, loadConfig, requireDatabaseUrl } from './load.js';
