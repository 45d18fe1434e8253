import { CorruptCheckpointError, type DiskArtifactStore } from '@trainyard/artifacts';
import { type Fault, type ImageClasses, type ImagePredictionsAnswer, InvalidInputError } from '@trainyard/contracts';
import { type Decoder, openDecoder, type PixelOptions, type ProjectDatasets, pixelOptions } from '@trainyard/datasets';
import type { Project } from '@trainyard/db';
import { Predictor } from '@trainyard/inference';
import { withRemedy } from '../exportCheckpoint.js';
import { findCheckpoint } from '../findCheckpoint.js';
import { Admission } from './admission.js';
import { type Fit, fitOf } from './fits.js';
import { modelOf } from './predictedModel.js';

export interface PredictLimits {
  /** Threads of one computation. */
  threads: number;
  /** Of all warm models. */
  memoryMegabytes: number;
  /** Of one request. */
  maxImages: number;
  maxBytes: number;
  /** Of one image. */
  maxPixels: number;
  /** At once. */
  maxRequests: number;
  /** Of a batch, which is no request. */
  maxBatchImages: number;
}

/** An image file as it was sent. */
export interface SentImage {
  /** Null: it has no name. */
  file: string | null;
  bytes: Uint8Array;
}

/** Whose checkpoint, and with which datasets. */
export interface Asker {
  project: Project;
  datasets: ProjectDatasets;
}

/** Threads that read images: one huge image holds up no others. */
const decoderThreads = 2;
const maxRemembered = 1000;

type Found = Awaited<ReturnType<typeof findCheckpoint>>;

/** Classifies images of requests by stored checkpoints. Nothing of it computes in the event loop. */
export class Predictions {
  readonly admission: Admission;
  private readonly predictor: Predictor;
  private decoder: Decoder | null = null;
  /** How the images of a dataset were fitted, by its digest: it never changes. */
  private readonly fits = new Map<string, Fit>();

  constructor(
    private readonly artifacts: DiskArtifactStore,
    readonly limits: PredictLimits,
  ) {
    const { maxRequests, maxBytes } = limits;
    this.admission = new Admission({ maxRequests, maxBytes: 8 * maxBytes });
    this.predictor = new Predictor({ ...limits, maxCalls: maxRequests });
  }

  /**
   * @param ref `best`, `last` or the number of an epoch
   * @returns uint8 `[images, height, width, channels]`, as the network sees them before they are normalised
   * @throws NotFoundError; InvalidInputError with every image that cannot be read
   */
  async inputOf(asker: Asker, { id, ref }: { id: string; ref: string }, images: SentImage[]) {
    const found = await findCheckpoint(asker.project, id, ref);
    const fit = await this.fitOf(asker.datasets, found);
    const options = { ...pixelOptions({}, found.manifest.inputShape), ...fit, maxPixels: this.limits.maxPixels };
    return { found, fit, shape: found.manifest.inputShape, pixels: await this.decode(images, options) };
  }

  /** The `top` most probable classes of each image. @throws as `inputOf` and `readModel`; `unavailable` */
  async classify(
    asker: Asker,
    checkpoint: { id: string; ref: string },
    images: SentImage[],
    top: number,
  ): Promise<ImagePredictionsAnswer> {
    const { found, fit, shape, pixels } = await this.inputOf(asker, checkpoint, images);
    const { key, manifest, checkpoint: stored } = found;
    const source = {
      // A file that has changed is read, and its digest checked, again.
      key: `${key}:${stored.weightsSha256}:${this.artifacts.weightsWrittenAt(key)}`,
      load: async () => ({ kind: 'checkpoint' as const, trained: await this.readModel(asker.project, found) }),
    };
    const { probabilities } = await this.predictor.predict(source, { data: pixels, shape: [images.length, ...shape] });
    const { classes } = manifest.dataset;
    return {
      model: modelOf(found),
      input: { shape, fit: fit.fit },
      predictions: images.map(({ file }, i) => ({
        file,
        classes: mostProbable(classes, probabilities.subarray(i * classes.length, (i + 1) * classes.length), top),
      })),
    };
  }

  /** @throws TrainyardError where the checkpoint is damaged, with an intact one to use instead */
  private async readModel(project: Project, { key, manifest }: Found) {
    try {
      return await this.artifacts.readModel(key);
    } catch (error) {
      if (!(error instanceof CorruptCheckpointError)) throw error;
      throw await withRemedy(project, this.artifacts, { id: manifest.jobId, key }, error);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.predictor.close(), this.decoder?.close()]);
  }

  private async decode(images: SentImage[], options: PixelOptions): Promise<Uint8Array> {
    this.decoder ??= openDecoder(decoderThreads);
    const pictures = images.map(({ bytes }) => ({ kind: 'encoded' as const, bytes }));
    const { pixels, faults } = await this.decoder.decode(pictures, options);
    if (faults.length === 0) return pixels;
    const all = faults.map(
      ({ index, reason }): Fault => ({
        pointer: `/images/${index}`,
        detail: `${images[index]?.file ?? 'the image'} ${reason}`,
      }),
    );
    throw new InvalidInputError(`${all.length === 1 ? 'an image' : `${all.length} images`} cannot be read`, all);
  }

  private async fitOf(datasets: ProjectDatasets, { manifest }: Found): Promise<Fit> {
    const { digest } = manifest.dataset;
    const fit = this.fits.get(digest) ?? (await fitOf(datasets, manifest));
    if (this.fits.size >= maxRemembered) this.fits.clear();
    this.fits.set(digest, fit);
    return fit;
  }
}

function mostProbable(names: string[], probabilities: Float32Array, top: number): ImageClasses['classes'] {
  const order = [...probabilities.keys()].sort((a, b) => Number(probabilities[b]) - Number(probabilities[a]));
  return order.slice(0, top).map((i) => ({ class: names[i] ?? '', probability: Number(probabilities[i]) }));
}
