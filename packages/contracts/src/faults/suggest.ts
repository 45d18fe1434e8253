/** From a name that other tools use, in lower case without separators, to our key: `{ lr: 'learningRate' }`. */
export type Synonyms = Readonly<Record<string, string>>;

/** Longer keys are cut in messages, and no known key is suggested for them. */
export const longestKey = 64;

/** Says that `key` is unknown, and which of the `known` keys was probably meant, or which there are. */
export function unrecognizedKey(key: string, known: readonly string[], synonyms: Synonyms): string {
  if (key.length > longestKey) return `unrecognized key ${JSON.stringify(`${key.slice(0, longestKey)}…`)}`;
  return `unrecognized key ${JSON.stringify(key)}${suggestion(key, known, synonyms)}`;
}

function suggestion(key: string, known: readonly string[], synonyms: Synonyms): string {
  const folded = fold(key);
  const synonym = Object.hasOwn(synonyms, folded) ? synonyms[folded] : undefined;
  const meant = known.find((candidate) => candidate === synonym) ?? nearestName(key, known);
  if (meant) return `; did you mean ${JSON.stringify(meant)}?`;
  return known.length > 0 ? `; the keys are ${known.join(', ')}` : '';
}

/** Without case and separators: `learning_rate` and `LearningRate` are the same. */
const fold = (key: string): string => key.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** The known name nearest to `name`, if at most a third of its letters differ. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const folded = fold(name);
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(folded, fold(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.floor(Math.max(best.candidate.length, 3) / 3) ? best.candidate : null;
}

/** Number of letters to insert, delete or replace (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  // distances[j]: from the letters of `a` so far to the first j letters of `b`.
  let distances = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const letter of a) {
    let diagonal = Number.NaN;
    let left = Number.NaN;
    distances = distances.map((above, j) => {
      const distance = j === 0 ? above + 1 : Math.min(diagonal + (letter === b[j - 1] ? 0 : 1), above + 1, left + 1);
      diagonal = above;
      left = distance;
      return distance;
    });
  }
  return distances.at(-1) ?? 0;
}
