/** Schemas of the HTTP API's parameters and answers, by resource; the routes in apps/api and the client share them. */

export * from './aliases.js';
export * from './architectures.js';
export * from './audit.js';
export * from './batchPredictions.js';
export * from './compare.js';
export * from './datasets.js';
export * from './experiments.js';
export * from './facets.js';
export * from './health.js';
export * from './imports.js';
export * from './jobs.js';
export * from './keys.js';
export * from './page.js';
export * from './predict.js';
export * from './predictions.js';
export * from './projects.js';
export * from './queue.js';
export * from './recordCalls.js';
export * from './records.js';
export * from './replays.js';
export * from './results.js';
export * from './sessions.js';
export * from './tests.js';
export * from './verifications.js';
export * from './webhooks.js';
export * from './workers.js';
