/** Imports one source into a new store, and prints what it took: `node importOnce.js SOURCE STORE`. */
import { DatasetStore, importAny } from '@trainyard/datasets';
import { peakBytes } from '../shared/processes.js';

const [source = '', store = ''] = process.argv.slice(2);
const started = performance.now();
const { trainImages, testImages } = await importAny(new DatasetStore(store), source);
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage();
console.log(
  JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6, images: trainImages + testImages, peak: peakBytes() }),
);
