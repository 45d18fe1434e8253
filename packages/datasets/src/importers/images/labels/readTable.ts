import { parse } from 'csv-parse/sync';
import { baseName, extensionOf } from '../imageFiles.js';

/** A text file of rows and columns, as it is written. */
export interface Table {
  /** Path in the source. */
  file: string;
  /** Trimmed cells. The first row may be a header. */
  rows: string[][];
  /** Whether the first row is certainly a header, as in JSON Lines. */
  hasHeader: boolean;
}

const extensions = new Set(['csv', 'tsv', 'txt', 'lst', 'jsonl', 'ndjson', 'json']);

/** Text that comes with sets and has no labels. Submissions have made-up ones. */
const otherFile =
  /^(?:readme|licen[cs]e|requirements|notes?|about|changelog|citation|package)\b|submission|^data_?card/i;

/** @returns whether the file may name the classes of images, by its own name */
export const mayBeTable = (path: string): boolean =>
  extensions.has(extensionOf(path)) && !otherFile.test(baseName(path));

/** @returns null when the content is no table; or why it cannot be read, continuing the sentence "<file> ..." */
export function readTable(file: string, bytes: Buffer): Table | string | null {
  const text = decodeText(bytes);
  const extension = extensionOf(file);
  try {
    if (extension === 'jsonl' || extension === 'ndjson') {
      const objects = text.split('\n').filter((line) => line.trim() !== '');
      return fromObjects(
        file,
        objects.map((line) => JSON.parse(line)),
      );
    }
    if (extension === 'json') return fromJson(file, JSON.parse(text));
    const rows = extension === 'txt' || extension === 'lst' ? fromLines(text) : fromCsv(text);
    return rows.length === 0 ? null : { file, rows, hasHeader: false };
  } catch (error) {
    return `cannot be read as a table (${(error as Error).message.slice(0, 200)})`;
  }
}

/** By its byte order mark, else UTF-8, else Latin-1, as older Excel writes it. */
function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

function fromCsv(text: string): string[][] {
  // Excel reads the delimiter from a first line like `sep=;`.
  const [marker = '', given] = /^sep=(.)\r?\n/.exec(text) ?? [];
  return parse(text.slice(marker.length), {
    delimiter: given ?? delimiterOf(text),
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    trim: true,
  }) as string[][];
}

/** The one that is most frequent in the first line, outside of quotes. */
function delimiterOf(text: string): string {
  const first = (text.split(/\r?\n|\r/, 1)[0] as string).replace(/"[^"]*"/g, '');
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({ delimiter, count: first.split(delimiter).length - 1 }));
  counts.sort((a, b) => b.count - a.count);
  const [most] = counts as [(typeof counts)[number]];
  return most.count === 0 ? ',' : most.delimiter;
}

/** Lines of a path and what belongs to it, between commas, tabs or blanks; a path may have blanks itself. */
function fromLines(text: string): string[][] {
  const lines = text
    .split(/\r?\n|\r/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const sample = lines.slice(0, 100);
  const tabs = sample.every((line) => line.includes('\t'));
  const commas = !tabs && sample.every((line) => /[,;]/.test(line));
  if (tabs || commas) return fromCsv(lines.join('\n'));
  return lines.map(splitAtBlanks);
}

/** Blanks before an extension belong to the path: `my cat.jpg 3`. */
function splitAtBlanks(line: string): string[] {
  const path = /^(.*?\.(?:jpe?g|png|bmp|gif|webp|tiff?|ppm))(?:\s+(.*))?$/i.exec(line);
  if (path === null) return line.split(/\s+/);
  return [path[1] as string, ...(path[2] === undefined ? [] : path[2].split(/\s+/))];
}

/**
 * `[{"file": …, "label": …}]`, `{"<file>": "<label>"}`, FiftyOne's `{"classes": […], "labels": {"<file>": 0}}`, or the
 * annotations of COCO without boxes.
 */
function fromJson(file: string, value: unknown): Table | null {
  if (Array.isArray(value)) return fromObjects(file, value);
  if (typeof value !== 'object' || value === null) return null;
  const { images, annotations, categories } = value as Record<string, Record<string, unknown>[]>;
  if (Array.isArray(images) && Array.isArray(annotations) && Array.isArray(categories)) {
    if (annotations.some((annotation) => 'bbox' in annotation || 'segmentation' in annotation)) return null;
    const fileOf = new Map(images.map(({ id, file_name }) => [id, file_name]));
    const nameOf = new Map(categories.map(({ id, name }) => [id, name]));
    const rows = annotations.map(({ image_id, category_id }) => ({
      file_name: fileOf.get(image_id),
      label: nameOf.get(category_id),
    }));
    return fromObjects(file, rows);
  }
  const { classes, labels } = value as { classes?: unknown; labels?: unknown };
  if (Array.isArray(classes) && typeof labels === 'object' && labels !== null) {
    const named = Object.entries(labels).map(([path, label]) => ({ file: path, label: classes[label as number] }));
    return fromObjects(file, named);
  }
  const entries = Object.entries(value);
  if (!entries.every(([, label]) => typeof label === 'string' || typeof label === 'number')) return null;
  return { file, rows: [['file', 'label'], ...entries.map(([path, label]) => [path, String(label)])], hasHeader: true };
}

function fromObjects(file: string, objects: unknown[]): Table | null {
  if (objects.length === 0 || !objects.every((each) => typeof each === 'object' && each !== null)) return null;
  const header = [...new Set(objects.flatMap((each) => Object.keys(each as object)))];
  const rows = objects.map((each) => header.map((key) => cellOf((each as Record<string, unknown>)[key])));
  return { file, rows: [header, ...rows], hasHeader: true };
}

const cellOf = (value: unknown): string => {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value).trim();
};
