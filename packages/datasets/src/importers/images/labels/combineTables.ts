import type { PlacedImage } from '../layout.js';
import type { LabelTable } from './labelTable.js';

/** The label of each image that a table names. */
export interface CombinedLabels {
  /** By index of the image. */
  labels: Map<number, string>;
  /** The tables that were used. */
  files: string[];
  /** Whether the columns' names leave no doubt that they are the classes. */
  isExplicit: boolean;
  faults: Map<string, string>;
  notes: string[];
  warnings: string[];
  /** Why the tables give no labels, continuing the sentence "<source> ..."; null: they do, or there are none. */
  problem: string | null;
}

/** Puts the labels of several tables together, as of `train.csv` and `valid.csv`. */
export function combineTables(images: PlacedImage[], tables: LabelTable[], chosen: boolean): CombinedLabels {
  const combined: CombinedLabels = {
    labels: new Map(),
    files: [],
    isExplicit: false,
    faults: new Map(),
    notes: [],
    warnings: [],
    problem: null,
  };
  const labelling = tables.filter(({ columns }) => columns.label !== null);
  const boxes = labelling.find(({ columns, repeated }) => columns.hasBoxes && repeated > 0);
  const uncertain = labelling.filter((table) => table !== boxes && !table.columns.isCertain && !chosen);
  const usable = labelling.filter((table) => table !== boxes && !uncertain.includes(table));
  if (usable.length === 0) return { ...combined, problem: problemOf(boxes, uncertain[0]) };
  combined.isExplicit = usable.every(({ columns }) => columns.isExplicit);
  for (const table of usable) {
    const conflict = addTable(combined, table, images);
    if (conflict) {
      const files = usable.map(({ file }) => file);
      const problem = `has tables that name different classes (${files.join(', ')}); choose one (--labels ${files[0]})`;
      return { ...combined, labels: new Map(), problem };
    }
  }
  const different = new Set(combined.labels.values()).size;
  if (combined.labels.size >= 10 && different > combined.labels.size / 2) {
    const { file, columns } = usable[0] as LabelTable;
    const problem =
      `has ${different} different labels for ${combined.labels.size} images in ${file}${columnText({ columns })}, so ` +
      'they are no classes; add a column called label with the class of each image';
    return { ...combined, labels: new Map(), problem };
  }
  return combined;
}

function problemOf(boxes: LabelTable | undefined, uncertain: LabelTable | undefined): string | null {
  if (boxes !== undefined) {
    return (
      `has bounding boxes (${boxes.file} has several for one image), not a class for each image; export it for ` +
      'classification, as folders ("Folder structure") or as CSV'
    );
  }
  if (uncertain === undefined) return null;
  const { label, others, header } = uncertain.columns;
  const names = [label as number, ...others].map((column) => header?.[column] ?? `number ${column + 1}`);
  return `has several columns in ${uncertain.file} that may be the class (${names.join(', ')}); call one of them label`;
}

/** @returns whether it contradicts the tables before */
function addTable(combined: CombinedLabels, table: LabelTable, images: PlacedImage[]): boolean {
  const { entries, file, missing, unclear } = table;
  const labelled = entries.filter(({ label }) => label !== null);
  const renamed = sameClasses(combined.labels, labelled);
  if (renamed === null) return true;
  for (const { image, label, several } of labelled) {
    if (combined.labels.has(image)) continue;
    combined.labels.set(image, renamed.get(label as string) ?? (label as string));
    if (several === null) continue;
    const path = (images[image] as PlacedImage).name;
    combined.faults.set(path, `has several classes in ${file} (${several.slice(0, 5).join(', ')})`);
  }
  combined.files.push(file);
  combined.notes.push(`${file} names the classes${columnText(table)}.`);
  const unlabelled = entries.length - labelled.length;
  if (unlabelled > 0) combined.warnings.push(`${unlabelled} rows of ${file} name an image, but no class.`);
  if (missing.length > 0) {
    combined.warnings.push(`${missing.length} rows of ${file} name images that are not there (like ${missing[0]}).`);
  }
  if (unclear.length > 0) {
    combined.warnings.push(
      `${unclear.length} rows of ${file} fit several images (like ${unclear[0]}) and were left out; write whole paths.`,
    );
  }
  return false;
}

function columnText({ columns: { label, others, header } }: Pick<LabelTable, 'columns'>): string {
  if (typeof label !== 'number') return ' by a column for each';
  const name = header?.[label];
  if (name === undefined) return '';
  const rest = others.map((column) => header?.[column]);
  return rest.length === 0 ? ` (column ${name})` : ` (column ${name}, not ${rest.join(', ')})`;
}

/** The known name of each label, where both tables name the same images; null: they divide them in different ways. */
function sameClasses(known: Map<number, string>, entries: LabelTable['entries']): Map<string, string> | null {
  const renamed = new Map<string, string>();
  const back = new Map<string, string>();
  for (const { image, label } of entries) {
    const name = known.get(image);
    if (name === undefined || label === null) continue;
    if ((renamed.get(label) ?? name) !== name || (back.get(name) ?? label) !== label) return null;
    renamed.set(label, name);
    back.set(name, label);
  }
  return renamed;
}
