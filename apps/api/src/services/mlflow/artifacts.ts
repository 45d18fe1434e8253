/*
 * The checkpoints of a job as MLflow's artifacts:
 *
 *   checkpoints/best/manifest.json       also checkpoints/last/, and checkpoints/epoch-12/ for each that is kept
 *   checkpoints/best/model.zip           an export in each format of a download
 *   checkpoints/best/SHA256SUMS          the digests of these, as `sha256sum --check` reads them
 */
import { createHash } from 'node:crypto';
import type { DiskArtifactStore, ExportedFile } from '@trainyard/artifacts';
import { checkpointFormatSchema, type ExportChoice, InvalidInputError, jobIdSchema } from '@trainyard/contracts';
import type { Project, StoredCheckpoint } from '@trainyard/db';
import { modelFormat } from '@trainyard/formats';

export interface Artifact {
  name: string;
  isFolder: boolean;
}

/** A small file that is made for each request. */
export interface TextArtifact {
  text: string;
  fileName: string;
  mediaType: string;
}

const folder = 'checkpoints';
const sums = 'SHA256SUMS';
const manifest = 'manifest.json';

const exportName = (choice: ExportChoice): string => `model.${modelFormat(choice).extension}`;
/** Without the card, which says of the run what MLflow itself shows. */
const formats = checkpointFormatSchema.exclude(['card']).options;
const exports = new Map(formats.map((format) => [exportName({ format }), { format }]));

/** @throws InvalidInputError for a path that leaves its folder */
function partsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw new InvalidInputError('Invalid path: it must not contain ..');
  return parts;
}

export class MlflowArtifacts {
  constructor(
    private readonly project: Pick<Project, 'checkpoints'>,
    private readonly store: DiskArtifactStore,
  ) {}

  /** What is in a folder, `<job>/…`; nothing in a file and where nothing is. @throws InvalidInputError */
  async list(path: string): Promise<Artifact[]> {
    const [jobId = '', first, ref, file] = partsOf(path);
    if (!jobIdSchema.safeParse(jobId).success || file !== undefined) return [];
    if (ref !== undefined) return first === folder && (await this.#checkpoint(jobId, ref)) ? files : [];
    const checkpoints = await this.project.checkpoints.list(jobId);
    if (checkpoints.length === 0 || (first !== undefined && first !== folder)) return [];
    if (first === undefined) return [{ name: folder, isFolder: true }];
    const names = [
      ...(checkpoints.some(({ best }) => best) ? ['best'] : []),
      ...checkpoints.filter(({ step }) => step === 0).map(({ epoch }) => `epoch-${epoch}`),
      ...(checkpoints.some(({ last }) => last) ? ['last'] : []),
    ];
    return names.map((name) => ({ name, isFolder: true }));
  }

  /** Null where no file is. @throws InvalidInputError */
  async open(path: string): Promise<ExportedFile | TextArtifact | null> {
    const [jobId = '', first, ref = '', file = '', more] = partsOf(path);
    if (!jobIdSchema.safeParse(jobId).success || first !== folder || more !== undefined) return null;
    const stored = await this.#checkpoint(jobId, ref);
    const choice = exports.get(file);
    if (!stored) return null;
    if (choice) return { ...(await this.store.exportFile(stored.key, choice)), fileName: file };
    if (file === manifest) return textFile(file, manifestText(stored), 'application/json');
    return file === sums ? textFile(file, await this.#sums(stored), 'text/plain; charset=utf-8') : null;
  }

  async #sums(stored: StoredCheckpoint): Promise<string> {
    const lines = [`${createHash('sha256').update(manifestText(stored)).digest('hex')}  ${manifest}\n`];
    for (const [name, choice] of exports) {
      const { sha256 } = await this.store.exportFile(stored.key, choice);
      lines.push(`${sha256}  ${name}\n`);
    }
    return lines.join('');
  }

  async #checkpoint(jobId: string, ref: string): Promise<StoredCheckpoint | null> {
    if (ref === 'best' || ref === 'last') return this.project.checkpoints.find(jobId, ref);
    const epoch = /^epoch-(\d{1,9})$/.exec(ref)?.[1];
    return epoch === undefined ? null : this.project.checkpoints.find(jobId, Number(epoch));
  }
}

const files = [manifest, ...exports.keys(), sums].map((name) => ({ name, isFolder: false }));

const manifestText = (stored: StoredCheckpoint): string => `${JSON.stringify(stored.manifest, null, 2)}\n`;

const textFile = (fileName: string, text: string, mediaType: string): TextArtifact => ({ fileName, text, mediaType });
