import type {
  DatasetImport,
  DatasetPredictionPage,
  DatasetPredictionsQuery,
  DatasetQuery,
  ImageQuery,
  ImageRun,
  ImageRunsQuery,
  ListDatasetsQuery,
  ListedDataset,
  ListImportsQuery,
  NewImportBody,
  OwnedDatasetDetail,
  Page,
  SamplesPictureQuery,
  SamplesQuery,
  Upload,
} from '@trainyard/contracts';
import type { Http } from './http.js';
import { allPages } from './pages.js';
import { type UploadOptions, type UploadSource, uploadTo } from './upload.js';
import { type WaitOptions, waitFor } from './waitFor.js';

/** Datasets: what there is, and how more is brought. Part of TrainyardClient. */
export class DatasetCalls {
  constructor(protected readonly http: Http) {}

  /** Every version of every dataset that jobs of the key's project can train on. */
  async datasets(query: ListDatasetsQuery = {}): Promise<ListedDataset[]> {
    return (await this.http.json<Page<ListedDataset>>('v1/datasets', { query })).data;
  }

  /** A dataset with its counts; the newest version by default. @throws ProblemError `not_found` */
  dataset(name: string, query: DatasetQuery = {}): Promise<OwnedDatasetDetail> {
    return this.http.json(datasetPath(name), { query });
  }

  /** A grid of images of a dataset, as the bytes of a PNG file. */
  async datasetSamples(name: string, query: Partial<SamplesQuery> = {}): Promise<Uint8Array> {
    const response = await this.http.send(datasetPath(name, 'samples'), { query });
    return new Uint8Array(await response.arrayBuffer());
  }

  /** A grid of images with the class and the index of each below it, as the bytes of a PNG file. */
  async samplesPicture(name: string, query: Partial<SamplesPictureQuery> = {}): Promise<Uint8Array> {
    const response = await this.http.send(datasetPath(name, 'samples.png'), { query });
    return new Uint8Array(await response.arrayBuffer());
  }

  /** Red, green and blue of an image, each value in its cell, as SVG. `image` is its index in the split, from 0. */
  channelsPicture(name: string, image: number, query: Partial<ImageQuery> = {}): Promise<string> {
    return this.http.text(datasetPath(name, 'samples', String(image), 'channels.svg'), { query });
  }

  /** Test images of a dataset that the project's newest runs miss, those with the most misses first. */
  datasetPredictions(
    name: string,
    query: Partial<Omit<DatasetPredictionsQuery, 'format'>> = {},
  ): Promise<DatasetPredictionPage> {
    return this.http.json(datasetPath(name, 'predictions'), { query });
  }

  /** What each tested run said of one test image of a dataset, newest run first. */
  imageRuns(name: string, image: number, query: Partial<ImageRunsQuery> = {}): Promise<Page<ImageRun>> {
    return this.http.json(datasetPath(name, 'predictions', String(image)), { query });
  }

  /** A dataset as the stream of a tar of PNG files, which imports again. */
  async exportDataset(name: string, query: DatasetQuery = {}): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.http.send(datasetPath(name, 'export'), { query });
    if (body === null) throw new Error('the response has no body');
    return body;
  }

  /** Deletes a version, or all. @throws ProblemError `conflict` while a job that has not ended needs it. */
  async deleteDataset(name: string, query: DatasetQuery = {}): Promise<void> {
    await this.http.send(datasetPath(name), { method: 'DELETE', query });
  }

  /** Renames a dataset with all its versions. @throws ProblemError `conflict` where the name is in use. */
  async renameDataset(name: string, newName: string): Promise<ListedDataset[]> {
    const body = { name: newName };
    return (await this.http.json<Page<ListedDataset>>(datasetPath(name), { method: 'PATCH', body })).data;
  }

  /**
   * Sends a file to the service, and goes on where it stopped when the connection breaks. The upload is then imported
   * with `createImport`.
   * @param source path of a file, a Blob, or anything that can be read from any byte on
   */
  upload(source: string | Blob | UploadSource, options: UploadOptions = {}): Promise<Upload> {
    return uploadTo(this.http, source, options);
  }

  /** Gives an upload up. */
  async deleteUpload(id: string): Promise<void> {
    await this.http.send(uploadPath(id), { method: 'DELETE' });
  }

  /** Imports a complete upload, or a URL. The import has a state of its own: see `waitForImport`. */
  createImport(body: NewImportBody): Promise<DatasetImport> {
    return this.http.json('v1/imports', { method: 'POST', body });
  }

  import(id: string): Promise<DatasetImport> {
    return this.http.json(importPath(id));
  }

  /** A page of imports, newest first. */
  imports(query: Partial<ListImportsQuery> = {}): Promise<Page<DatasetImport>> {
    return this.http.json('v1/imports', { query });
  }

  /** Every import, page after page. */
  allImports(query: Partial<ListImportsQuery> = {}): AsyncGenerator<DatasetImport> {
    return allPages(query, (page) => this.imports(page));
  }

  /** May be repeated. @throws ProblemError `conflict` where the import has succeeded or failed. */
  cancelImport(id: string): Promise<DatasetImport> {
    return this.http.json(importPath(id, 'cancel'), { method: 'POST' });
  }

  /** Resolves when the import is over, whatever its state is then; survives restarts of the service. */
  waitForImport(id: string, options: WaitOptions<DatasetImport> = {}): Promise<DatasetImport> {
    return waitFor(() => this.import(id), options);
  }
}

const datasetPath = (name: string, ...rest: string[]): string =>
  ['v1/datasets', ...[name, ...rest].map(encodeURIComponent)].join('/');

const importPath = (id: string, ...rest: string[]): string =>
  ['v1/imports', ...[id, ...rest].map(encodeURIComponent)].join('/');

const uploadPath = (id: string): string => `v1/uploads/${encodeURIComponent(id)}`;
