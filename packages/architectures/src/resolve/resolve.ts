import { type Architecture, type Fault, type Layer, layerListSchema } from '@trainyard/contracts';
import type { Model, ResolvedLayer } from '../model.js';
import { fitPreset } from '../presets/fitPreset.js';
import { type Preset, presetOf } from '../presets/index.js';
import { maxWeights } from './limits.js';
import { nothingToTrain, presetMisfit, tooManyWeights, unknownPreset, wrongEnd } from './messages.js';
import { elementCount, type MapShape, sameShape } from './shapes.js';
import { type DraftLayer, ShapeWalk, toDraft } from './walk.js';

/** A model, or all faults that prevent it; `model` is null if there are any. */
export type Resolved = { model: Model | null; faults: Fault[] };

/**
 * Shapes, weights and FLOPs of an architecture for images of `inputShape` `[height, width, channels]`. The last dense
 * layer of a preset gets `classes` units.
 * @param pointer where the architecture is in the user's document; the faults point below it.
 */
export function resolveModel(
  architecture: Architecture,
  inputShape: MapShape,
  classes: number,
  pointer = '/architecture',
): Resolved {
  if (typeof architecture !== 'string')
    return resolveDraft('custom', architecture.layers.map(toDraft), inputShape, classes, pointer);
  const preset = presetOf(architecture);
  if (!preset) return { model: null, faults: [{ pointer, detail: unknownPreset(architecture) }] };
  const { layers, changes } = fitPreset(presetLayers(preset, classes), preset, inputShape);
  const { model, faults } = resolveDraft(architecture, layers.map(toDraft), inputShape, classes, '');
  if (model) model.changes = changes;
  // The layers of a preset are not in the user's document: all faults point to the preset's name.
  const located = faults.map((fault) => ({
    pointer,
    detail: presetMisfit(architecture, inputShape, fault.pointer, fault.detail),
  }));
  return { model, faults: located };
}

/** A preset's layers with defaults filled in. */
function presetLayers(preset: Preset, classes: number): Layer[] {
  const layers = layerListSchema.parse(preset.layers);
  const head = layers.findLastIndex(({ type }) => type === 'dense');
  return layers.map((layer, i) => (i === head && layer.type === 'dense' ? { ...layer, units: classes } : layer));
}

/** As `resolveModel`, for layers some of which could not be read; the caller reports the faults of those. */
export function resolveDraft(
  name: string,
  layers: DraftLayer[],
  inputShape: MapShape,
  classes: number,
  pointer: string,
): Resolved {
  const walk = new ShapeWalk();
  const { resolved, outputShape } = walk.list(layers, inputShape, '/layers');
  const faults = walk.faults;
  if (outputShape && !sameShape(outputShape, [classes]))
    faults.push({ pointer: `/layers/${layers.length - 1}`, detail: wrongEnd(outputShape, classes) });

  const all = flattenLayers(resolved);
  const weights = all.flatMap((layer) => layer.weights);
  const parameters = weights.reduce((sum, { trainable, shape }) => sum + (trainable ? elementCount(shape) : 0), 0);
  if (parameters === 0 && outputShape) faults.push({ pointer: '/layers', detail: nothingToTrain });
  if (parameters > maxWeights) faults.push({ pointer: '/layers', detail: tooManyWeights(all) });

  const located = faults.map((fault) => ({ ...fault, pointer: pointer + fault.pointer }));
  if (faults.length > 0 || all.length === 0 || !walk.complete) return { model: null, faults: located };
  const flops = all.reduce((sum, layer) => sum + layer.flops, 0);
  return {
    model: { name, inputShape, classes, changes: [], layers: resolved, weights, parameters, flops },
    faults: [],
  };
}

/** All layers in order; those inside another layer come before it: a residual is the addition. */
export const flattenLayers = (layers: ResolvedLayer[]): ResolvedLayer[] =>
  layers.flatMap((layer) => [...layer.branches.flatMap(flattenLayers), layer]);
