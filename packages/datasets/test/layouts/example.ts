/** One way to lay a set out, as docs/data.md shows it: what lies where, and what becomes of it. */
export interface LayoutExample {
  title: string;
  /** Path to content; null: a small image of its own. */
  files: Record<string, Buffer | string | null>;
  expected: {
    classes: string[];
    /** Images of each split. */
    train: number;
    validation: number;
    test: number;
    /** Text that is in one of the notes or warnings, each. */
    says: string[];
  };
}

/** Paths of images, each of its own. */
export const images = (...paths: string[]): Record<string, null> =>
  Object.fromEntries(paths.map((path) => [path, null]));

/** `count` images in a folder: `1.png` and on. */
export const imagesIn = (folder: string, count: number): Record<string, null> =>
  images(...Array.from({ length: count }, (_, i) => `${folder}/${i + 1}.png`));

export const lines = (...rows: string[]): string => `${rows.join('\n')}\n`;

/** `count` rows made of the number, from 1. */
export const rows = (count: number, row: (i: number) => string): string[] =>
  Array.from({ length: count }, (_, i) => row(i + 1));
