import compress from '@fastify/compress';
import plugin from 'fastify-plugin';

/** Not live streams, whose events would wait in a buffer, nor files, whose ranges and digests are of their bytes. */
const compressible = /^(application\/(problem\+)?json|application\/x-ndjson|text\/(?!event-stream)|image\/svg\+xml)/;

/**
 * Compresses answers of one KiB and more for clients that accept it: a list of 500 jobs from 610 kB to some 30 kB.
 * Request bodies are never decompressed, so that none can be larger than it was when it arrived.
 */
export const compression = plugin(async (app) => {
  await app.register(compress, {
    customTypes: compressible,
    encodings: ['br', 'gzip'],
    globalDecompression: false,
    threshold: 1024,
  });
});
