import {
  isPresetName,
  type MapShape,
  type Model,
  presetNames,
  type Resolved,
  resolveDraft,
  resolveModel,
} from '@trainyard/architectures';
import { toPointer } from '@trainyard/contracts';
import { isRecord } from '../isRecord.js';
import { readLayers } from './readLayers.js';

/**
 * Checks an architecture as a user sent it: a preset's name or `{layers}`. Faults in fields and in shapes are reported
 * together.
 * @param pointer where the architecture is in the user's document.
 */
export function checkArchitecture(
  input: unknown,
  inputShape: MapShape,
  classes: number,
  pointer = '/architecture',
): Resolved {
  if (typeof input === 'string') return resolvePreset(input, inputShape, classes, pointer);
  if (!isRecord(input)) {
    const must = input === undefined ? 'is required:' : 'must be';
    const detail = `${must} a preset (${presetNames.join(', ')}) or {"layers": [...]}`;
    return { model: null, faults: [{ pointer, detail }] };
  }
  const unknown = Object.keys(input)
    .filter((key) => key !== 'layers')
    .map((key) => ({
      pointer: toPointer(pointer, [key]),
      detail: `unrecognized key ${JSON.stringify(key)}; an architecture has only "layers"`,
    }));
  const { model, faults } = checkLayers(input.layers, inputShape, classes, pointer);
  return { model: unknown.length > 0 ? null : model, faults: [...unknown, ...faults] };
}

/** Models of presets by preset, input shape and classes: nearly all specs name a preset. */
const presetModels = new Map<string, Model>();
const maxPresetModels = 100;

function resolvePreset(name: string, inputShape: MapShape, classes: number, pointer: string): Resolved {
  if (!isPresetName(name)) return resolveModel(name, inputShape, classes, pointer);
  const key = `${name} ${inputShape.join('x')} ${classes}`;
  const known = presetModels.get(key);
  if (known) return { model: known, faults: [] };
  const resolved = resolveModel(name, inputShape, classes, pointer);
  if (presetModels.size >= maxPresetModels) presetModels.clear();
  if (resolved.model) presetModels.set(key, resolved.model);
  return resolved;
}

/** Checks a bare list of layers; faults point to `<pointer>/layers/…`. */
export function checkLayers(layers: unknown, inputShape: MapShape, classes: number, pointer = ''): Resolved {
  const read = readLayers(layers, `${pointer}/layers`);
  if (read.layers.length === 0) return { model: null, faults: read.faults };
  const { model, faults } = resolveDraft('custom', read.layers, inputShape, classes, pointer);
  const all = [...read.faults, ...faults];
  return { model: all.length > 0 ? null : model, faults: all };
}
