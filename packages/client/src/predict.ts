import type { ImagePredictionsAnswer } from '@trainyard/contracts';
import { ControlCalls } from './control.js';
import type { CheckpointRef } from './download.js';
import { jobPath } from './jobPath.js';

/** An image file: JPEG, PNG, WebP, GIF, TIFF, AVIF, BMP or PNM. */
export interface ImageFile {
  /** Comes back with its classes, and names it in errors. */
  name: string;
  content: Blob | Uint8Array<ArrayBuffer>;
}

export interface PredictOptions {
  /** How many classes of each image. */
  top?: number;
}

/** The calls that classify images. */
export class PredictCalls extends ControlCalls {
  /**
   * The most probable classes of each image, five unless `top` says another number. A service takes 64 images and
   * 32 MiB at once unless its settings say otherwise.
   * @throws ProblemError `invalid_input` with every image that cannot be read; `unavailable` while it is busy
   */
  predict(
    id: string,
    ref: CheckpointRef,
    images: readonly ImageFile[],
    { top }: PredictOptions = {},
  ): Promise<ImagePredictionsAnswer> {
    return this.http.json(predictPath(id, ref), { method: 'POST', query: { top }, form: formOf(images) });
  }

  /** As `predict`, by the job of an experiment with the best test accuracy. */
  predictByBest(
    experiment: string,
    images: readonly ImageFile[],
    { top }: PredictOptions = {},
  ): Promise<ImagePredictionsAnswer> {
    const path = `v1/experiments/${encodeURIComponent(experiment)}/best/predict`;
    return this.http.json(path, { method: 'POST', query: { top }, form: formOf(images) });
  }

  /** As `predict`, by the checkpoint that an alias of an experiment points to. */
  predictByAlias(
    experiment: string,
    alias: string,
    images: readonly ImageFile[],
    { top }: PredictOptions = {},
  ): Promise<ImagePredictionsAnswer> {
    const path = `v1/experiments/${encodeURIComponent(experiment)}/aliases/${encodeURIComponent(alias)}/predict`;
    return this.http.json(path, { method: 'POST', query: { top }, form: formOf(images) });
  }

  /** What the network sees of an image, as the bytes of a PNG file. */
  async predictInput(id: string, ref: CheckpointRef, image: ImageFile): Promise<Uint8Array> {
    const options = { method: 'POST', query: { input: 'png' }, form: formOf([image]) } as const;
    return new Uint8Array(await (await this.http.send(predictPath(id, ref), options)).arrayBuffer());
  }
}

const predictPath = (id: string, ref: CheckpointRef): string => jobPath(id, 'checkpoints', String(ref), 'predict');

function formOf(images: readonly ImageFile[]): FormData {
  const form = new FormData();
  for (const { name, content } of images)
    form.append('images', content instanceof Blob ? content : new Blob([content]), name);
  return form;
}
