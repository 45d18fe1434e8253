import { fileURLToPath } from 'node:url';

/** Script of the worker process, for who starts one. */
export const workerEntry: string = fileURLToPath(new URL('./main.js', import.meta.url));
