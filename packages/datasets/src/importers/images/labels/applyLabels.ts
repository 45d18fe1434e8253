import { InvalidInputError } from '@trainyard/contracts';
import { plainFolder } from '../imageFiles.js';
import type { Layout, PlacedImage } from '../layout.js';
import { combineTables } from './combineTables.js';
import type { FoundLabels } from './findLabels.js';
import { nameNumbers } from './nameNumbers.js';
import { applySplits } from './splitLists.js';

/** The images with what the tables say of them. */
export interface Labelled {
  images: PlacedImage[];
  /** Paths of the tables that were used, and why others do not help, a sentence each. */
  tables: { used: string[]; others: string[] };
  /** Class names in the order that a file gives; null: none does. */
  classes: string[] | null;
  /** Why an image cannot be used, by its path. */
  faults: Map<string, string>;
  notes: string[];
  warnings: string[];
}

/**
 * Gives images the classes and splits of tables. The classes of folders stay where a table only repeats them; where a
 * table gives others, the folders win, unless they are the numbered parts of a set, the table has a column called label
 * or the like for nearly all images, or the user chose it.
 * @throws InvalidInputError when tables contradict each other and nothing else names the classes
 */
export function applyLabels(source: string, layout: Layout, found: FoundLabels, chosen: boolean): Labelled {
  const { images } = layout;
  const hasFolderClasses = images.some(({ className }) => className !== null);
  const combined = combineTables(images, found.tables, chosen);
  const splits = applySplits(images, found.tables, layout.splitFolders.length > 0);
  const listed = (all: PlacedImage[]) => all.filter((_, index) => !splits.unlisted.has(index));
  const base: Labelled = {
    images: listed(splits.images),
    tables: { used: found.tables.map(({ file }) => file), others: found.others },
    classes: null,
    faults: new Map(),
    notes: splits.notes,
    warnings: [],
  };
  if (combined.problem !== null) {
    if (hasFolderClasses) return base;
    throw new InvalidInputError(`${source} ${combined.problem}`);
  }
  if (combined.labels.size === 0) return base;
  const relation = compareWithFolders(images, combined.labels);
  const files = combined.files.join(', ');
  const isWhole = combined.isExplicit && combined.labels.size >= images.length * 0.9;
  if (relation === null && !chosen && !isWhole && !areParts(layout)) {
    const warning = `${files} gives other classes than the folders, which were used (--labels ${combined.files[0]}).`;
    return { ...base, warnings: [warning] };
  }
  const fromFolders = relation !== null && relation.size > 0;
  const named = fromFolders ? null : nameNumbers(new Set(combined.labels.values()), found.classLists);
  const labelled = splits.images.map((image, index): PlacedImage => {
    const label = combined.labels.get(index);
    if (fromFolders && image.className !== null) return image;
    if (label === undefined) return relation === null ? { ...image, className: null, within: [] } : image;
    const className = relation?.get(label) ?? named?.names.get(label) ?? label;
    return { ...image, className, within: [] };
  });
  const contradicts = relation === null && !chosen && !areParts(layout);
  return {
    ...base,
    images: listed(labelled),
    classes: named?.classes ?? null,
    faults: combined.faults,
    notes: [...base.notes, ...combined.notes, ...(named?.notes ?? [])],
    warnings: [
      ...(contradicts ? [`${files} gives other classes than the folders, which were not used.`] : []),
      ...combined.warnings,
    ],
  };
}

/** @returns the folder's class for each label, where each of the one is one of the other; null: they differ */
function compareWithFolders(images: PlacedImage[], labels: Map<number, string>): Map<string, string> | null {
  const ofLabel = new Map<string, string>();
  const ofFolder = new Map<string, string>();
  for (const [index, label] of labels) {
    const className = images[index]?.className ?? null;
    if (className === null) continue;
    if ((ofLabel.get(label) ?? className) !== className || (ofFolder.get(className) ?? label) !== label) return null;
    ofLabel.set(label, className);
    ofFolder.set(className, label);
  }
  return ofLabel;
}

/** `images_part_1/` and `images_part_2/` are parts of one set, when a table names other classes. */
function areParts({ images }: Layout): boolean {
  const names = new Set(images.flatMap(({ className }) => className ?? []));
  const stems = new Set([...names].map((name) => name.replace(/[\s_-]*\d+$/, '')));
  return names.size === 0 || [...names].every((name) => plainFolder.test(name)) || stems.size === 1;
}
