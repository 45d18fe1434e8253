import type { DraftLayer } from '@trainyard/architectures';
import {
  type Fault,
  faultsOf,
  type Layer,
  layerSchema,
  maxBranches,
  maxInnerLayers,
  maxLayers,
  maxNesting,
  minBranches,
} from '@trainyard/contracts';
import { isRecord } from '../isRecord.js';
import { tooManyLayers } from './countLayers.js';
import { synonyms } from './synonyms.js';

/**
 * Valid values for the fields of a layer that have faults, so that the layer keeps its place in the list. The walk over
 * the shapes treats every size that follows from them as unknown.
 */
const placeholders: Record<string, unknown> = {
  filters: 1,
  units: 1,
  kernel: 1,
  size: 1,
  stride: 1,
  padding: 'same',
  reduction: 1,
};

/**
 * Reads a list of layers as far as possible, so that faults in the shapes of correct layers are found together with
 * faults in the fields of others.
 * @param pointer where the list is in the user's document.
 */
export function readLayers(input: unknown, pointer: string): { layers: DraftLayer[]; faults: Fault[] } {
  const fault = tooManyLayers(input, pointer);
  if (fault) return { layers: [], faults: [fault] };
  return readList(input, pointer, 1, maxLayers, 0);
}

interface ReadLayer {
  layer: DraftLayer;
  faults: Fault[];
}
interface ReadList {
  layers: DraftLayer[];
  faults: Fault[];
}
type Fields = Record<string, unknown>;

/** @param depth number of layers around the list */
function readList(input: unknown, pointer: string, min: number, max: number, depth: number): ReadList {
  if (!Array.isArray(input)) return { layers: [], faults: [{ pointer, detail: 'must be a list of layers' }] };
  if (input.length < min || input.length > max)
    return { layers: [], faults: [{ pointer, detail: `must have ${min} to ${max} layers (has ${input.length})` }] };
  const results = input.map((layer, i) => readLayer(layer, `${pointer}/${i}`, depth));
  return { layers: results.map(({ layer }) => layer), faults: results.flatMap(({ faults }) => faults) };
}

function readLayer(input: unknown, pointer: string, depth: number): ReadLayer {
  const read = isRecord(input) && typeof input.type === 'string' ? readersOfInner.get(input.type) : undefined;
  if (!isRecord(input) || !read) return readPlain(input, pointer);
  if (depth === maxNesting) return { layer: unreadable, faults: [nestedTooDeep(pointer)] };
  return read(input, pointer, depth + 1);
}

const unreadable: DraftLayer = { layer: null, unknown: new Set(), branches: [] };

const nestedTooDeep = (pointer: string): Fault => ({
  pointer: `${pointer}/type`,
  detail: `a layer may have at most ${maxNesting} others around it; move it out`,
});

/** For each type of layer that lists others inside. */
const readersOfInner = new Map([
  ['residual', readResidual],
  ['concatenate', readConcatenate],
]);

function readResidual(input: Fields, pointer: string, depth: number): ReadLayer {
  const inner = readList(input.layers, `${pointer}/layers`, 1, maxInnerLayers, depth);
  const shell = readPlain({ ...input, layers: [{ type: 'flatten' }] }, pointer);
  return withInner(shell, { type: 'residual', layers: readable(inner) }, 'layers', [inner]);
}

function readConcatenate(input: Fields, pointer: string, depth: number): ReadLayer {
  const at = `${pointer}/branches`;
  const shell = readPlain({ ...input, branches: [[], []] }, pointer);
  const inner = readBranches(input.branches, at, depth);
  return withInner(shell, { type: 'concatenate', branches: inner.map(readable) }, 'branches', inner);
}

function readBranches(input: unknown, pointer: string, depth: number): ReadList[] {
  if (Array.isArray(input) && input.length >= minBranches && input.length <= maxBranches)
    return input.map((branch, i) => readList(branch, `${pointer}/${i}`, 0, maxInnerLayers, depth));
  const found = Array.isArray(input) ? ` (has ${input.length})` : '';
  const detail = `must be ${minBranches} to ${maxBranches} lists of layers, of which an empty one is the input itself`;
  return [{ layers: [], faults: [{ pointer, detail: detail + found }] }];
}

const readable = ({ layers }: ReadList): Layer[] => layers.flatMap(({ layer }) => (layer ? [layer] : []));

/**
 * A layer with others inside, which were read one by one.
 * @param shell read with lists that have no faults, for the faults of the other fields
 * @param layer with the inner layers that could be read
 * @param key the field of the lists
 */
function withInner({ layer: shell, faults }: ReadLayer, layer: Layer, key: string, lists: ReadList[]): ReadLayer {
  const inner = lists.flatMap((list) => list.faults);
  return {
    layer: {
      layer: shell.layer && layer,
      unknown: inner.length > 0 ? new Set([key]) : shell.unknown,
      branches: lists.map(({ layers }) => layers),
    },
    faults: [...faults, ...inner],
  };
}

function readPlain(input: unknown, pointer: string): ReadLayer {
  const parsed = layerSchema.safeParse(input);
  if (parsed.success) return { layer: { layer: parsed.data, unknown: new Set(), branches: [] }, faults: [] };
  const faults = faultsOf(layerSchema, input, { pointer, synonyms });
  const wrong = new Set(parsed.error.issues.flatMap(fieldsOf));
  return { layer: { layer: withPlaceholders(input, wrong), unknown: wrong, branches: [] }, faults };
}

/** The fields of the layer that an issue concerns. */
const fieldsOf = ({ code, path, keys = [] }: { code?: string; path: PropertyKey[]; keys?: string[] }): string[] =>
  code === 'unrecognized_keys' && path.length === 0 ? keys : path.slice(0, 1).map(String);

/** The layer with placeholders for its wrong fields; null where it still does not parse. */
function withPlaceholders(input: unknown, wrong: Set<string>): Layer | null {
  if (!isRecord(input)) return null;
  const kept = Object.entries(input).filter(([key]) => !wrong.has(key));
  const replaced = [...wrong].filter((key) => Object.hasOwn(placeholders, key)).map((key) => [key, placeholders[key]]);
  const full = layerSchema.safeParse(Object.fromEntries([...kept, ...replaced]));
  if (full.success) return full.data;
  // A placeholder for a field that this type does not have is itself an unknown key.
  const bare = layerSchema.safeParse(Object.fromEntries(kept));
  return bare.success ? bare.data : null;
}
