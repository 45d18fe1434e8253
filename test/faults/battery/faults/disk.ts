import { after, alone, type Fault } from './fault.js';

/** Only where the battery may mount: the artifacts are in a file system of their own then. */
export const diskFaults: Record<string, Fault> = {
  'artifacts read-only': alone('disk', async ({ machines, random }) => {
    const { disk } = machines;
    if (!disk || !(await disk.remount('ro'))) return null;
    const milliseconds = random.integer(5000, 20_000);
    return { what: `for ${milliseconds} ms`, hits: ['servers'], over: after(milliseconds, () => disk.remount('rw')) };
  }),

  'artifacts full': alone('disk', async ({ machines, random }) => {
    const { disk } = machines;
    if (!(await disk?.fill())) return null;
    const milliseconds = random.integer(5000, 20_000);
    return { what: `for ${milliseconds} ms`, hits: ['servers'], over: after(milliseconds, () => disk?.empty()) };
  }),
};
