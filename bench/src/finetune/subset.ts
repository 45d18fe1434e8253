import { type LabelledImages, openPacked, type Split, writePacked } from '@trainyard/datasets';

/** Which classes of a set, and how many training images of each; all of the test. */
export type Choice = ({ only: string[] } | { without: string[] }) & { images: number };

/** Writes a packed set with some of the classes of another, in its order. @returns its path */
export async function subset(file: string, to: string, choice: Choice): Promise<string> {
  const packed = await openPacked(file);
  const { classes, imageShape } = packed.dataset;
  const kept = classes.filter((name) =>
    'only' in choice ? choice.only.includes(name) : !choice.without.includes(name),
  );
  const part = async (split: Split, images: number): Promise<LabelledImages> => {
    const labels = await packed.readLabels(split);
    const counts = new Map<number, number>();
    const chosen: number[] = [];
    for (const [i, label] of labels.entries()) {
      const count = counts.get(label) ?? 0;
      if (!kept.includes(classes[label] as string) || count >= images) continue;
      counts.set(label, count + 1);
      chosen.push(i);
    }
    const classOf = (i: number) => kept.indexOf(classes[labels[i] as number] as string);
    return { images: await packed.readImages(split, chosen), labels: Int32Array.from(chosen, classOf) };
  };
  await writePacked(to, {
    name: 'subset',
    version: 1,
    classes: kept,
    imageShape,
    source: file,
    train: await part('train', choice.images),
    test: await part('test', Number.MAX_SAFE_INTEGER),
  });
  return to;
}
