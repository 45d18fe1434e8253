import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InvalidInputError, jobIdSchema, jsonText } from '@trainyard/contracts';
import { z } from 'zod';

const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** Below the folder of the export, with `/`; no part of it begins with a dot. */
const pathSchema = z.string().regex(/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/);

const listedFileSchema = z.object({
  path: pathSchema,
  bytes: z.int(),
  /** Lower-case hexadecimal. */
  sha256: digestSchema,
  /** Of a table; null: the file is none. */
  rows: z.int().nullable(),
});
export type ListedFile = z.infer<typeof listedFileSchema>;

/** Files that were finished together: the tables of some jobs with the files of their checkpoints, or one dataset. */
export const partSchema = z.object({ jobs: z.array(jobIdSchema), files: z.array(listedFileSchema) });
export type Part = z.infer<typeof partSchema>;

const damageSchema = z.object({ jobId: jobIdSchema, path: z.string(), expected: z.string(), got: z.string() });
/** A file that is damaged where it was exported from: the checkpoint that it belongs to is left out. */
export type Damage = z.infer<typeof damageSchema>;

const manifestSchema = z.object({
  format: z.literal('trainyard-export'),
  version: z.literal(1),
  /** URL of the service. */
  from: z.string(),
  finishedAt: z.iso.datetime(),
  jobs: z.int(),
  /** Jobs that had not ended and are not in it. */
  unfinished: z.int(),
  damaged: z.array(damageSchema),
  /** Datasets of the service, whose images are in it or not. */
  datasets: z.array(z.object({ name: z.string(), version: z.int(), digest: z.string() })),
  parts: z.array(partSchema),
});
export type Manifest = z.infer<typeof manifestSchema>;

export const manifestName = 'manifest.json';

/** @returns null where the folder has none: an export that is not complete */
export async function readManifest(folder: string): Promise<Manifest | null> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  const { data, error } = jsonText(manifestSchema).safeParse(text);
  if (data) return data;
  throw new InvalidInputError(`${join(folder, manifestName)} is no manifest of an export: ${error.message}`);
}

/** SHA-256 of a file, lower-case hexadecimal. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 18 }), hash);
  return hash.digest('hex');
}

/** What is wrong with a file, naming both digests; null where it is as it is listed. */
export async function faultOf(folder: string, { path, bytes, sha256 }: ListedFile): Promise<string | null> {
  const file = join(folder, path);
  const info = await stat(file).catch(() => null);
  if (info === null) return `${path} is missing; its SHA-256 is to be ${sha256}`;
  const got = await digestOf(file);
  if (got === sha256) return null;
  return `${path} is damaged: it has ${info.size} bytes with the SHA-256 ${got} instead of ${bytes} with ${sha256}`;
}

/** Compares every file of an export with its manifest. @param onFile gets how many bytes were read so far */
export async function* faultsOf(folder: string, { parts }: Manifest, onFile: (bytes: number) => void) {
  let bytes = 0;
  for (const file of parts.flatMap(({ files }) => files)) {
    const fault = await faultOf(folder, file);
    if (fault !== null) yield fault;
    bytes += file.bytes;
    onFile(bytes);
  }
}

/** @throws InvalidInputError with every file that is not as the manifest lists it */
export async function assertIntact(folder: string, manifest: Manifest, onFile: (bytes: number) => void): Promise<void> {
  const faults: string[] = [];
  for await (const fault of faultsOf(folder, manifest, onFile)) faults.push(fault);
  if (faults.length === 0) return;
  const [first = ''] = faults;
  const more = faults.slice(1, 50).map((detail) => ({ pointer: '', detail }));
  throw new InvalidInputError(faults.length === 1 ? first : `${faults.length} files are damaged; ${first}`, more);
}

export const bytesOf = ({ parts }: Pick<Manifest, 'parts'>): number =>
  parts.flatMap(({ files }) => files).reduce((sum, { bytes }) => sum + bytes, 0);
