import { type Architecture, type Fault, type Layer, layerListSchema } from '@trainyard/contracts';
import type { Model, ResolvedLayer } from './model.js';
import { presetNames, presetOf } from './presets/index.js';
import {
  convolutionOutput,
  convolutionPadding,
  describeShape,
  elements,
  formatShape,
  isMap,
  type MapShape,
  noPadding,
  poolOutput,
  type Shape,
  sameShape,
  withArticle,
} from './shapes.js';
import { flopsOf, weightsOf } from './weights.js';

/** A layer list as far as it could be read; `readLayers` makes one of any input. */
export interface DraftLayer {
  /** Null where not even the type is known. */
  layer: Layer | null;
  /** Fields that were refused and hold a stand-in. */
  unknown: ReadonlySet<string>;
  children: DraftLayer[];
}

/** Above this many values a model is refused. */
export const maxWeights = 500_000_000;

/** Larger patches cannot be whitened: the covariance of n values has n^2 entries. */
const maxWhitenedValues = 192;

const kerasNames: Record<Layer['type'], string> = {
  conv2d: 'conv2d',
  batchNorm: 'batch_normalization',
  activation: 'activation',
  maxPool: 'max_pooling2d',
  avgPool: 'average_pooling2d',
  globalAvgPool: 'global_average_pooling2d',
  dropout: 'dropout',
  spatialDropout: 'spatial_dropout2d',
  flatten: 'flatten',
  dense: 'dense',
  scale: 'rescaling',
  residual: 'add',
};

/**
 * Shapes, weights and FLOPs of an architecture for images of `inputShape` `[height, width, channels]`. A preset's last
 * dense layer gets `classes` units. Faults come all at once, their pointers below `pointer` (where the architecture stands
 * in the user's document); `model` is null when there is any.
 */
export function resolveModel(
  architecture: Architecture,
  inputShape: [number, number, number],
  classes: number,
  pointer = '/architecture',
): { model: Model | null; faults: Fault[] } {
  if (typeof architecture !== 'string')
    return resolveDraft('custom', architecture.layers.map(toDraft), inputShape, classes, pointer);
  const layers = presetLayers(architecture, classes);
  if (!layers) return { model: null, faults: [{ pointer, detail: unknownPreset(architecture) }] };
  const { model, faults } = resolveDraft(architecture, layers.map(toDraft), inputShape, classes, '');
  // A preset's layers are not in the user's document: all faults stand where its name stands.
  const misfit = ({ pointer: layer, detail }: Fault) =>
    `${architecture} does not fit ${formatShape(inputShape)} images: ${layer.slice(1)}: ${detail}`;
  return { model, faults: faults.map((fault) => ({ pointer, detail: misfit(fault) })) };
}

export const unknownPreset = (name: string): string =>
  `unknown preset ${JSON.stringify(name)}; the presets are ${presetNames.join(', ')}, or give {"layers": [...]}`;

/** A preset's layers with defaults filled in; null for an unknown name. */
export function presetLayers(name: string, classes: number): Layer[] | null {
  const preset = presetOf(name);
  if (!preset) return null;
  const layers = layerListSchema.parse(preset.layers);
  const head = layers.findLastIndex(({ type }) => type === 'dense');
  return layers.map((layer, i) => (i === head && layer.type === 'dense' ? { ...layer, units: classes } : layer));
}

const nothingUnknown: ReadonlySet<string> = new Set();
const toDraft = (layer: Layer): DraftLayer => ({
  layer,
  unknown: nothingUnknown,
  children: layer.type === 'residual' ? layer.layers.map(toDraft) : [],
});

/** As resolveModel, for layers of which some may be unreadable; their own faults are the caller's to report. */
export function resolveDraft(
  name: string,
  layers: DraftLayer[],
  inputShape: [number, number, number],
  classes: number,
  pointer: string,
): { model: Model | null; faults: Fault[] } {
  const resolver = new Resolver();
  const { resolved, outputShape } = resolver.list(layers, inputShape, '/layers');
  const faults = resolver.faults;
  if (outputShape && !sameShape(outputShape, [classes]))
    faults.push({ pointer: `/layers/${layers.length - 1}`, detail: wrongEnd(outputShape, classes) });

  const all = flattenLayers(resolved);
  const weights = all.flatMap((layer) => layer.weights);
  const parameters = weights.reduce((sum, { trainable, shape }) => sum + (trainable ? elements(shape) : 0), 0);
  if (parameters === 0 && outputShape)
    faults.push({ pointer: '/layers', detail: 'has nothing to train; add a dense or conv2d layer' });
  if (parameters > maxWeights) faults.push({ pointer: '/layers', detail: tooManyWeights(all) });

  const complete = faults.length === 0 && all.length > 0 && resolver.complete;
  return {
    model: complete
      ? {
          name,
          inputShape,
          classes,
          layers: resolved,
          weights,
          parameters,
          flops: all.reduce((sum, layer) => sum + layer.flops, 0),
        }
      : null,
    faults: faults.map((fault) => ({ ...fault, pointer: pointer + fault.pointer })),
  };
}

/** All layers in order, those inside residuals before the residual's own addition. */
export const flattenLayers = (layers: ResolvedLayer[]): ResolvedLayer[] =>
  layers.flatMap((layer) => [...flattenLayers(layer.children), layer]);

function wrongEnd(shape: Shape, classes: number): string {
  const start = isMap(shape) ? 'a flatten and then ' : '';
  return `the last layer must give ${classes} values, one a class, but gives ${describeShape(shape)}; end with ${start}{"type": "dense", "units": ${classes}}`;
}

function tooManyWeights(layers: ResolvedLayer[]): string {
  const count = (layer: ResolvedLayer) => layer.weights.reduce((sum, { shape }) => sum + elements(shape), 0);
  const largest = layers.reduce((a, b) => (count(b) > count(a) ? b : a));
  const millions = (n: number) => `${Math.round(n / 1e6)} million`;
  const all = layers.reduce((sum, layer) => sum + count(layer), 0);
  return `has ${millions(all)} weights, more than the ${millions(maxWeights)} allowed; make ${largest.pointer.slice(1)} smaller (${millions(count(largest))}) or pool before it`;
}

/** Walks a layer list once; where a layer does not fit it says so and goes on with the likeliest shape. */
class Resolver {
  readonly faults: Fault[] = [];
  /** False once a layer could not be read. */
  complete = true;
  private readonly counts = new Map<string, number>();

  list(
    drafts: DraftLayer[],
    inputShape: Shape | null,
    pointer: string,
  ): { resolved: ResolvedLayer[]; outputShape: Shape | null } {
    const resolved: ResolvedLayer[] = [];
    let shape = inputShape;
    drafts.forEach((draft, i) => {
      const layer = this.one(draft, shape, `${pointer}/${i}`);
      if (layer) resolved.push(layer);
      shape = layer?.outputShape ?? null;
    });
    return { resolved, outputShape: shape };
  }

  private one(draft: DraftLayer, given: Shape | null, pointer: string): ResolvedLayer | null {
    const { layer, unknown } = draft;
    if (!layer || unknown.size > 0) this.complete = false;
    if (!layer) return null;
    const inputShape = given ?? likelyInput(layer);
    if (!inputShape) {
      // Behind an unreadable layer; only what stands inside the residual can still be checked.
      this.list(draft.children, null, `${pointer}/layers`);
      return null;
    }
    const name = this.nextName(layer.type);
    const children = this.list(draft.children, inputShape, `${pointer}/layers`);
    const fits = this.fits(layer, unknown, inputShape, pointer);
    const padding = layer.type === 'conv2d' && isMap(inputShape) ? convolutionPadding(layer, inputShape) : noPadding;
    const outputShape = fits ? outputOf(layer, inputShape) : likelyOutput(layer, inputShape);
    if (layer.type === 'residual') this.checkResidual(inputShape, children.outputShape, pointer);
    const weights = weightsOf(layer, name, inputShape);
    return {
      pointer,
      name,
      layer,
      inputShape,
      outputShape: forgetUnknown(outputShape, unknown),
      weights,
      padding,
      flops: flopsOf(layer, weights, outputShape),
      children: children.resolved,
    };
  }

  private nextName(type: Layer['type']): string {
    const stem = kerasNames[type];
    const ordinal = (this.counts.get(stem) ?? 0) + 1;
    this.counts.set(stem, ordinal);
    return `${stem}_${ordinal}`;
  }

  private fault(pointer: string, detail: string): false {
    this.faults.push({ pointer, detail });
    return false;
  }

  private fits(layer: Layer, unknown: ReadonlySet<string>, shape: Shape, pointer: string): boolean {
    if (needsMap.has(layer.type) && !isMap(shape))
      return this.fault(
        pointer,
        `${layer.type} needs a map of height, width and channels but gets ${describeShape(shape)}; move it before the flatten, globalAvgPool or dense`,
      );
    if (layer.type === 'dense' && isMap(shape))
      return this.fault(
        pointer,
        `dense needs flat values but gets ${describeShape(shape)}; put a flatten or globalAvgPool before it`,
      );
    if (!isMap(shape) || ['kernel', 'size', 'stride', 'padding'].some((field) => unknown.has(field))) return true;
    if (layer.type === 'conv2d') {
      if (layer.initializer === 'whitening' && !unknown.has('filters')) this.checkWhitening(layer, shape, pointer);
      return (
        this.windowFits(layer.kernel, shape, convolutionPadding(layer, shape)) ||
        this.fault(pointer, kernelMisfit(layer, shape))
      );
    }
    if (layer.type === 'maxPool' || layer.type === 'avgPool')
      return this.windowFits(layer.size, shape, noPadding) || this.fault(pointer, poolMisfit(layer.size, shape));
    return true;
  }

  private checkWhitening(layer: Extract<Layer, { type: 'conv2d' }>, [, , channels]: MapShape, pointer: string): void {
    const values = layer.kernel[0] * layer.kernel[1] * channels;
    if (pointer !== '/layers/0')
      this.fault(`${pointer}/initializer`, 'whitening filters are for the images: only the first layer can have them');
    else if (values > maxWhitenedValues)
      this.fault(
        `${pointer}/kernel`,
        `a patch of ${values} values is too large to whiten; use a kernel of at most ${maxWhitenedValues} values, channels included`,
      );
    else if (layer.filters % 2 !== 0 || layer.filters > 2 * values)
      this.fault(
        `${pointer}/filters`,
        `whitening filters come in pairs, two for each of the ${values} values of a patch: use an even number of at most ${2 * values}`,
      );
  }

  private windowFits([height, width]: [number, number], shape: MapShape, padding: typeof noPadding): boolean {
    return !(height > shape[0] + padding.top + padding.bottom || width > shape[1] + padding.left + padding.right);
  }

  private checkResidual(inputShape: Shape, outputShape: Shape | null, pointer: string): void {
    if (outputShape && !sameShape(inputShape, outputShape))
      this.fault(
        pointer,
        `a residual adds its input, ${describeShape(inputShape)}, to what its layers give, ${describeShape(outputShape)}; the two must be equal${residualAdvice(inputShape, outputShape)}`,
      );
  }
}

const needsMap: ReadonlySet<Layer['type']> = new Set([
  'conv2d',
  'maxPool',
  'avgPool',
  'globalAvgPool',
  'spatialDropout',
]);

function residualAdvice(input: Shape, output: Shape): string {
  const width = input.at(-1) as number;
  if (Number.isNaN(width) || isMap(input) !== isMap(output)) return '';
  if (!isMap(input)) return `: end it with {"type": "dense", "units": ${width}}`;
  return `: use padding: same and stride 1, and ${width} filters in its last convolution`;
}

function kernelMisfit(layer: Extract<Layer, { type: 'conv2d' }>, [height, width]: MapShape): string {
  const padded = typeof layer.padding === 'number' && layer.padding > 0 ? ` with padding ${layer.padding}` : '';
  return `${withArticle(layer.kernel)} kernel does not fit ${withArticle([height, width])} map${padded}; use padding: same or remove a pool`;
}

const poolMisfit = (size: [number, number], [height, width]: MapShape): string =>
  `${withArticle(size)} window does not fit ${withArticle([height, width])} map; remove this pool or one before it`;

function outputOf(layer: Layer, input: Shape): Shape {
  switch (layer.type) {
    case 'conv2d':
      return convolutionOutput(layer, input as MapShape, convolutionPadding(layer, input as MapShape));
    case 'maxPool':
    case 'avgPool':
      return poolOutput(layer, input as MapShape);
    case 'globalAvgPool':
      return input.slice(-1);
    case 'flatten':
      return [elements(input)];
    case 'dense':
      return [layer.units];
    case 'residual':
    case 'batchNorm':
    case 'activation':
    case 'dropout':
    case 'spatialDropout':
    case 'scale':
      return input;
  }
}

/** What to go on with behind a layer that does not fit. */
function likelyOutput(layer: Layer, input: Shape): Shape {
  if (layer.type === 'dense') return [layer.units];
  if (layer.type === 'conv2d' && isMap(input)) return [input[0], input[1], layer.filters];
  return input;
}

/** Behind a layer of unknown shape: what this one must have got, were it right. */
function likelyInput(layer: Layer): Shape | null {
  if (needsMap.has(layer.type)) return [Number.NaN, Number.NaN, Number.NaN];
  return layer.type === 'dense' || layer.type === 'flatten' ? [Number.NaN] : null;
}

function forgetUnknown(shape: Shape, unknown: ReadonlySet<string>): Shape {
  const known = [...shape];
  if (unknown.has('units') || unknown.has('filters')) known[known.length - 1] = Number.NaN;
  if (known.length === 3 && ['kernel', 'size', 'stride', 'padding'].some((field) => unknown.has(field)))
    known[0] = known[1] = Number.NaN;
  return known;
}
