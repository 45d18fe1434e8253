export type { ConsumeOptions, Consumer, DeliveryHandler } from './consumer.js';
export { Dispatcher, type DispatcherDatabase, type DispatcherOptions } from './dispatcher.js';
export { type Logger, Loop } from './loop.js';
export { type Delivery, type JobQueue, openQueue, type QueueConnection } from './queue.js';
export type { Heartbeat } from './silence.js';
