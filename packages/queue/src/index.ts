export type { ConsumeOptions, Consumer, DeliveryHandler } from './consumer.js';
export { Dispatcher, type DispatcherDatabase, type DispatcherOptions } from './dispatcher.js';
export { type JobQueue, openQueue, type QueueConnection } from './jobQueue.js';
