export { ConfigError } from './configError.js';
export { type Config, loadConfig, requireDatabaseUrl } from './loadConfig.js';
