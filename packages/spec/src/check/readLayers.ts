import type { DraftLayer } from '@trainyard/architectures';
import { type Fault, faultsOf, type Layer, layerSchema, maxLayers, maxResidualLayers } from '@trainyard/contracts';
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
  return readList(input, pointer, maxLayers, readLayer);
}

interface ReadLayer {
  layer: DraftLayer;
  faults: Fault[];
}

function readList(
  input: unknown,
  pointer: string,
  max: number,
  read: (layer: unknown, pointer: string) => ReadLayer,
): { layers: DraftLayer[]; faults: Fault[] } {
  if (!Array.isArray(input)) return { layers: [], faults: [{ pointer, detail: 'must be a list of layers' }] };
  if (input.length === 0 || input.length > max)
    return { layers: [], faults: [{ pointer, detail: `must have 1 to ${max} layers (has ${input.length})` }] };
  const results = input.map((layer, i) => read(layer, `${pointer}/${i}`));
  return { layers: results.map(({ layer }) => layer), faults: results.flatMap(({ faults }) => faults) };
}

const isResidual = (input: unknown): input is Record<string, unknown> => isRecord(input) && input.type === 'residual';

const readLayer = (input: unknown, pointer: string): ReadLayer =>
  isResidual(input) ? readResidual(input, pointer) : readPlain(input, pointer);

/** Reads a layer inside a residual, which cannot be a residual itself. */
const readInner = (input: unknown, pointer: string): ReadLayer =>
  isResidual(input) ? { layer: unreadable, faults: [nestedResidual(pointer)] } : readPlain(input, pointer);

const unreadable: DraftLayer = { layer: null, unknown: new Set(), branches: [] };

const nestedResidual = (pointer: string): Fault => ({
  pointer: `${pointer}/type`,
  detail: 'a residual cannot contain another residual; move it out',
});

function readResidual(input: Record<string, unknown>, pointer: string): ReadLayer {
  const inner = readList(input.layers, `${pointer}/layers`, maxResidualLayers, readInner);
  // The layers were read one by one; the other fields are read with a list that has no faults.
  const shell = readPlain({ ...input, layers: [{ type: 'flatten' }] }, pointer);
  const layers = inner.layers.flatMap(({ layer }) => (layer && layer.type !== 'residual' ? [layer] : []));
  return {
    layer: {
      layer: shell.layer.layer && { type: 'residual', layers },
      unknown: inner.faults.length > 0 ? new Set(['layers']) : shell.layer.unknown,
      branches: [inner.layers],
    },
    faults: [...shell.faults, ...inner.faults],
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
