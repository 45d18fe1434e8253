/** Of Node.js: loaded where a file is named by its path, which browsers cannot do. */
export { createReadStream } from 'node:fs';
export { stat } from 'node:fs/promises';
export { basename } from 'node:path';
export { Readable } from 'node:stream';
