import { type Fault, faultsOf, type Layer, layerSchema, maxLayers, maxResidualLayers } from '@trainyard/contracts';
import type { DraftLayer } from './resolve.js';
import { synonyms } from './synonyms.js';

/** Valid values that keep a layer's place while one of its fields is wrong; resolve treats what follows from them as unknown. */
const standIns: Record<string, unknown> = { filters: 1, units: 1, kernel: 1, size: 1, stride: 1, padding: 'same' };

/**
 * Reads a list of layers as far as it can be read, so that faults of shape in good layers are found together with faulty
 * fields in others. `pointer` is where the list stands in the user's document.
 */
export function readLayers(
  input: unknown,
  pointer: string,
  max = maxLayers,
): { layers: DraftLayer[]; faults: Fault[] } {
  if (!Array.isArray(input)) return { layers: [], faults: [{ pointer, detail: 'must be a list of layers' }] };
  if (input.length === 0 || input.length > max)
    return { layers: [], faults: [{ pointer, detail: `must have 1 to ${max} layers (has ${input.length})` }] };
  const inside = max === maxResidualLayers;
  const read = input.map((layer, i) => readLayer(layer, `${pointer}/${i}`, inside));
  return { layers: read.map(({ layer }) => layer), faults: read.flatMap(({ faults }) => faults) };
}

function readLayer(input: unknown, pointer: string, inside: boolean): { layer: DraftLayer; faults: Fault[] } {
  if (!isRecord(input) || input.type !== 'residual') return readPlain(input, pointer);
  if (inside)
    return {
      layer: unreadable,
      faults: [{ pointer: `${pointer}/type`, detail: 'a residual cannot stand inside a residual; move it out' }],
    };
  // The layers inside are read one by one; the rest of the residual with a list that is surely right.
  const inner = readLayers(input.layers, `${pointer}/layers`, maxResidualLayers);
  const shell = readPlain({ ...input, layers: [{ type: 'flatten' }] }, pointer);
  const layers = inner.layers.flatMap(({ layer }) => (layer ? [layer] : []));
  return {
    layer: {
      layer: shell.layer.layer && ({ type: 'residual', layers } as Layer),
      unknown: inner.faults.length > 0 ? new Set(['layers']) : shell.layer.unknown,
      children: inner.layers,
    },
    faults: [...shell.faults, ...inner.faults],
  };
}

const unreadable: DraftLayer = { layer: null, unknown: new Set(), children: [] };

function readPlain(input: unknown, pointer: string): { layer: DraftLayer; faults: Fault[] } {
  const parsed = layerSchema.safeParse(input);
  if (parsed.success) return { layer: { layer: parsed.data, unknown: new Set(), children: [] }, faults: [] };
  const faults = faultsOf(layerSchema, input, { pointer, synonyms });
  const wrong = new Set(parsed.error.issues.flatMap(fieldsOf));
  return { layer: { layer: mended(input, wrong), unknown: wrong, children: [] }, faults };
}

/** The layer's fields that an issue is about. */
const fieldsOf = (issue: { code?: string; path: PropertyKey[]; keys?: string[] }): string[] =>
  issue.code === 'unrecognized_keys' && issue.path.length === 0
    ? (issue.keys ?? [])
    : issue.path.slice(0, 1).map(String);

/** The layer with stand-ins for its wrong fields; null where that is not enough. */
function mended(input: unknown, wrong: Set<string>): Layer | null {
  if (!isRecord(input)) return null;
  const kept = Object.entries(input).filter(([key]) => !wrong.has(key));
  const replaced = [...wrong].flatMap((key) => (key in standIns ? [[key, standIns[key]] as const] : []));
  const full = layerSchema.safeParse(Object.fromEntries([...kept, ...replaced]));
  if (full.success) return full.data;
  // A stand-in for a field that this type does not have is an unknown key again.
  const bare = layerSchema.safeParse(Object.fromEntries(kept));
  return bare.success ? bare.data : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
