import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { TrainyardClient } from '@trainyard/client';
import { InvalidInputError } from '@trainyard/contracts';
import { svgToPng } from '@trainyard/datasets';
import { encodeTensorBoard } from '@trainyard/formats';
import { writeWhole } from './writeWhole.js';

/**
 * Writes what a job has so far into `<folder>/<job>`, so that TensorBoard shows the jobs of a folder side by side. A
 * second call replaces the file: TensorBoard would draw two files of one run as one line that goes back.
 * @returns the file
 * @throws InvalidInputError when the folder cannot be made
 */
export async function saveTensorBoard(client: TrainyardClient, id: string, folder: string): Promise<string> {
  const [job, epochs] = await Promise.all([client.job(id), client.metrics(id)]);
  const results = job.test ? await client.results(id) : null;
  const confusion = results && (await svgToPng(await client.confusionPicture(id)));
  const events = encodeTensorBoard({ job, epochs, results, confusion });
  const target = path.join(folder, id);
  await mkdir(target, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new InvalidInputError(`cannot make the folder ${target}: ${error.message}`);
  });
  // TensorBoard reads files with `tfevents` in their names.
  const file = path.join(target, `events.out.tfevents.${Math.floor(Date.parse(job.createdAt) / 1000)}.trainyard`);
  return writeWhole(file, { force: true }, (write) => write(events));
}
