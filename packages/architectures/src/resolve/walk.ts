import type { Fault, Layer } from '@trainyard/contracts';
import type { ResolvedLayer } from '../model.js';
import { canBeJoined, joinedShape } from './concatenate.js';
import { maxChannels, maxWhitenedValues } from './limits.js';
import {
  branchMisfit,
  denseNeedsFlat,
  dilationWithStride,
  dilationWithWhitening,
  groupsMisfit,
  groupsWithWhitening,
  kernelMisfit,
  needsMapBut,
  poolMisfit,
  reductionTooLarge,
  residualMisfit,
  tooManyChannels,
  whiteningFilters,
  whiteningNotFirst,
  whiteningPatchTooLarge,
} from './messages.js';
import { LayerNames } from './names.js';
import {
  convolutionPadding,
  coveredBy,
  forgetUnknown,
  hasUnknownWindow,
  isMap,
  likelyInput,
  likelyOutput,
  type MapShape,
  needsMap,
  noPadding,
  outputOf,
  type Shape,
  sameShape,
  windowFits,
} from './shapes.js';
import { gateLayers, squeezedUnits } from './squeezeExcite.js';
import { flopsOf, weightsOf } from './weights.js';

/** A layer as far as it could be read; the package `spec` reads them from a user's input. */
export interface DraftLayer {
  /** Null where not even the type is known. */
  layer: Layer | null;
  /** Fields that were refused and have a placeholder as their value. */
  unknown: ReadonlySet<string>;
  /** As those of a ResolvedLayer, where the spec lists them. */
  branches: DraftLayer[][];
}

type LayerOf<T extends Layer['type']> = Extract<Layer, { type: T }>;
type Conv2d = LayerOf<'conv2d'>;

const nothingUnknown: ReadonlySet<string> = new Set();

export const toDraft = (layer: Layer): DraftLayer => ({
  layer,
  unknown: nothingUnknown,
  branches: listsInside(layer).map((layers) => layers.map(toDraft)),
});

function listsInside(layer: Layer): Layer[][] {
  if (layer.type === 'residual') return [layer.layers];
  return layer.type === 'concatenate' ? layer.branches : [];
}

interface Walked {
  resolved: ResolvedLayer[];
  /** Null behind a layer that could not be read. */
  outputShape: Shape | null;
}

/**
 * Walks a list of layers once and infers their shapes. Where a layer does not fit, it reports a fault and continues
 * with the most likely shape, so that one walk finds all faults.
 */
export class ShapeWalk {
  readonly faults: Fault[] = [];
  /** False once a layer could not be read. */
  complete = true;
  readonly #names = new LayerNames();

  /** @param inputShape null: unknown, because the layers are behind one that could not be read. */
  list(drafts: DraftLayer[], inputShape: Shape | null, pointer: string): Walked {
    return this.#each(drafts, inputShape, (i) => `${pointer}/${i}`);
  }

  #each(drafts: DraftLayer[], inputShape: Shape | null, pointerOf: (i: number) => string): Walked {
    const resolved: ResolvedLayer[] = [];
    let shape = inputShape;
    drafts.forEach((draft, i) => {
      const layer = this.#one(draft, shape, pointerOf(i));
      if (layer) resolved.push(layer);
      shape = layer?.outputShape ?? null;
    });
    return { resolved, outputShape: shape };
  }

  #one(draft: DraftLayer, given: Shape | null, pointer: string): ResolvedLayer | null {
    const { layer, unknown } = draft;
    if (!layer || unknown.size > 0) this.complete = false;
    if (!layer) return null;
    const inputShape = given ?? likelyInput(layer);
    if (!inputShape) {
      // Only the layers inside it can still be checked.
      this.#branches(draft, null, pointer);
      return null;
    }
    const name = this.#names.next(layer.type);
    const branches = this.#branches(draft, inputShape, pointer);
    const fits = this.#fits(layer, unknown, inputShape, pointer);
    const outputs = branches.map((branch) => branch.outputShape);
    if (layer.type === 'residual') this.#checkResidual(inputShape, outputs[0] ?? null, pointer);
    if (layer.type === 'concatenate') this.#checkBranches(outputs, pointer);
    const outputShape =
      layer.type === 'concatenate' ? joinedShape(outputs) : (fits ? outputOf : likelyOutput)(layer, inputShape);
    if (!outputShape) return null;
    const weights = weightsOf(layer, name, inputShape);
    return {
      pointer,
      name,
      layer,
      inputShape,
      outputShape: forgetUnknown(outputShape, unknown),
      weights,
      padding: layer.type === 'conv2d' && isMap(inputShape) ? convolutionPadding(layer, inputShape) : noPadding,
      flops: flopsOf(layer, weights, outputShape),
      branches: branches.map(({ resolved }) => resolved),
    };
  }

  #branches({ layer, branches }: DraftLayer, inputShape: Shape | null, pointer: string): Walked[] {
    if (layer?.type === 'squeezeExcite')
      return inputShape && isMap(inputShape) ? [this.#gate(layer, inputShape, pointer)] : [];
    const pointerOf = (i: number) => (layer?.type === 'concatenate' ? `${pointer}/branches/${i}` : `${pointer}/layers`);
    return branches.map((drafts, i) => this.list(drafts, inputShape, pointerOf(i)));
  }

  /** The layers inside a squeezeExcite are in no list of the spec: they all have its pointer. */
  #gate(layer: LayerOf<'squeezeExcite'>, inputShape: MapShape, pointer: string): Walked {
    return this.#each(gateLayers(layer, inputShape[2]).map(toDraft), inputShape, () => pointer);
  }

  #fault(pointer: string, detail: string): false {
    this.faults.push({ pointer, detail });
    return false;
  }

  #fits(layer: Layer, unknown: ReadonlySet<string>, shape: Shape, pointer: string): boolean {
    if (needsMap.has(layer.type) && !isMap(shape)) return this.#fault(pointer, needsMapBut(layer.type, shape));
    if (layer.type === 'dense' && isMap(shape)) return this.#fault(pointer, denseNeedsFlat(shape));
    if (!isMap(shape)) return true;
    if (layer.type === 'squeezeExcite' && squeezedUnits(layer, shape[2]) < 1)
      return this.#fault(`${pointer}/reduction`, reductionTooLarge(layer.reduction, shape[2]));
    if (layer.type === 'conv2d' && layer.groups > 1) this.#checkGroups(layer, unknown, shape, pointer);
    if (hasUnknownWindow(unknown)) return true;
    if (layer.type === 'conv2d') {
      if (layer.initializer === 'whitening' && !unknown.has('filters')) this.#checkWhitening(layer, shape, pointer);
      if (layer.dilation.some((distance) => distance > 1) && layer.stride.some((distance) => distance > 1))
        return this.#fault(`${pointer}/dilation`, dilationWithStride);
      const fits = windowFits(coveredBy(layer), shape, convolutionPadding(layer, shape));
      return fits || this.#fault(pointer, kernelMisfit(layer, shape));
    }
    if (layer.type === 'maxPool' || layer.type === 'avgPool')
      return windowFits(layer.size, shape, noPadding) || this.#fault(pointer, poolMisfit(layer.size, shape));
    return true;
  }

  #checkGroups(layer: Conv2d, unknown: ReadonlySet<string>, [, , channels]: MapShape, pointer: string): void {
    const { groups, initializer } = layer;
    const filters = unknown.has('filters') ? Number.NaN : layer.filters;
    // A size that is not known is NaN, and so is its remainder.
    if (channels % groups > 0 || filters % groups > 0)
      this.#fault(`${pointer}/groups`, groupsMisfit(groups, channels, filters));
    else if (initializer === 'whitening') this.#fault(`${pointer}/initializer`, groupsWithWhitening);
  }

  #checkWhitening(layer: Conv2d, [, , channels]: MapShape, pointer: string): void {
    const values = layer.kernel[0] * layer.kernel[1] * channels;
    if (layer.dilation.some((distance) => distance > 1)) this.#fault(`${pointer}/dilation`, dilationWithWhitening);
    else if (pointer !== '/layers/0') this.#fault(`${pointer}/initializer`, whiteningNotFirst);
    else if (values > maxWhitenedValues) this.#fault(`${pointer}/kernel`, whiteningPatchTooLarge(values));
    else if (layer.filters % 2 !== 0 || layer.filters > 2 * values)
      this.#fault(`${pointer}/filters`, whiteningFilters(values));
  }

  #checkResidual(inputShape: Shape, outputShape: Shape | null, pointer: string): void {
    if (outputShape && !sameShape(inputShape, outputShape))
      this.#fault(pointer, residualMisfit(inputShape, outputShape));
  }

  #checkBranches(outputs: readonly (Shape | null)[], pointer: string): void {
    const first = outputs.find((shape) => shape !== null);
    for (const [i, shape] of outputs.entries())
      if (first && shape && !canBeJoined(first, shape))
        this.#fault(`${pointer}/branches/${i}`, branchMisfit(first, shape));
    const channels = joinedShape(outputs)?.at(-1) ?? 0;
    if (channels > maxChannels) this.#fault(`${pointer}/branches`, tooManyChannels(channels));
  }
}
