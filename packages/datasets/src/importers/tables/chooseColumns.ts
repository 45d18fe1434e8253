import { InvalidInputError } from '@trainyard/contracts';
import type { Column, Table } from './table.js';

/** The columns that a set is read from. */
export interface ChosenColumns {
  image: string;
  label: string;
  /** Class names in the order of their numbers; null: the cells are the names. */
  names: string[] | null;
  notes: string[];
}

const imageNames = 'image img images picture photo jpg png bytes image_bytes content data pixels pixel_values x'.split(
  ' ',
);
const labelNames =
  'label labels fine_label class class_name label_name target category class_label species breed coarse_label y'.split(
    ' ',
  );

/**
 * @param name of the table for messages
 * @param wanted the label column that the user named; null: found by its name
 * @throws InvalidInputError that names the columns there are
 */
export function chooseColumns(name: string, { columns, features }: Table, wanted: string | null): ChosenColumns {
  const typeOf = (column: Column) => features[column.name]?._type;
  const found = columns.map((column) => `${column.name} (${column.kind})`).join(', ');
  const images = imageColumns(columns, typeOf);
  const [image] = images;
  if (image === undefined) {
    throw new InvalidInputError(
      `${name} has no column of images, only ${found}; images are stored as the content of image files ` +
        '(the Image feature of the library datasets, or bytes)',
    );
  }
  const labels = labelColumns(columns, typeOf, image);
  const label = wanted === null ? labels[0] : columns.find((column) => column.name === wanted);
  if (label === undefined || !isLabel(label)) {
    const missing = wanted === null ? 'no column of labels' : `no column ${wanted} of labels`;
    throw new InvalidInputError(
      `${name} has ${missing}, only ${found}; name one that has a number or a text for each image (--labels COLUMN)`,
    );
  }
  const notes: string[] = [];
  if (images.length > 1) notes.push(`The images are those of the column ${image.name}, not ${others(images, image)}.`);
  if (wanted === null && labels.length > 1) {
    const rest = others(labels, label);
    notes.push(`The classes are those of the column ${label.name}, not ${rest} (--labels COLUMN).`);
  }
  const names = typeOf(label) === 'ClassLabel' ? namesOf(features[label.name]?.names) : null;
  return { image: image.name, label: label.name, names, notes };
}

const others = (columns: Column[], chosen: Column): string =>
  columns
    .filter(({ name }) => name !== chosen.name)
    .map(({ name }) => name)
    .join(', ');

function imageColumns(columns: Column[], typeOf: (column: Column) => unknown): Column[] {
  const byName = inOrder(columns, imageNames);
  const declared = byName.filter((column) => typeOf(column) === 'Image' && column.kind !== 'other');
  const structs = byName.filter(({ kind }) => kind === 'image');
  const named = byName.filter(
    ({ name, kind }) => imageNames.includes(name.toLowerCase()) && (kind === 'binary' || kind === 'list'),
  );
  const binary = byName.filter(({ kind }) => kind === 'binary');
  return [declared, structs, named, binary].find((candidates) => candidates.length > 0) ?? [];
}

function labelColumns(columns: Column[], typeOf: (column: Column) => unknown, image: Column): Column[] {
  const candidates = inOrder(columns, labelNames).filter((column) => column !== image && isLabel(column));
  const isNamed = ({ name }: Column) => labelNames.includes(name.toLowerCase());
  return candidates.filter((column) => isNamed(column) || typeOf(column) === 'ClassLabel');
}

const isLabel = ({ kind }: Column): boolean => kind === 'integer' || kind === 'text' || kind === 'boolean';

/** Those of the given names first, in the order of the names. */
function inOrder(columns: Column[], names: string[]): Column[] {
  const rank = ({ name }: Column) => {
    const place = names.indexOf(name.toLowerCase());
    return place === -1 ? names.length : place;
  };
  return [...columns].sort((a, b) => rank(a) - rank(b));
}

function namesOf(names: unknown): string[] | null {
  if (!Array.isArray(names) || names.length === 0) return null;
  return names.every((name) => typeof name === 'string') ? names : null;
}
