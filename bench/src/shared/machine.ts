import { availableParallelism, cpus } from 'node:os';

export const processors = availableParallelism();
export const processorModel = cpus()[0]?.model ?? process.arch;
