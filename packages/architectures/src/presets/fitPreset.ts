import type { Layer } from '@trainyard/contracts';
import { convolutionPadding, isMap, type MapShape, outputOf, type Shape, windowFits } from '../resolve/shapes.js';
import type { Preset } from './preset.js';

type Pool = Extract<Layer, { type: 'maxPool' | 'avgPool' }>;
type Conv2d = Extract<Layer, { type: 'conv2d' }>;
type Pair = [height: number, width: number];

/** The layers of a preset for images of one size, and what differs from the layers that the preset lists. */
export interface FittedLayers {
  layers: Layer[];
  /** e.g. `1 more 2x2 pool`; empty: nothing differs. */
  changes: string[];
}

const cifar10 = { smallest: 32, largest: 32 };

/**
 * Changes the layers of a preset for images of another size or number of channels, so that they fit, and that the
 * classifier gets a map of the size that it is made for and keeps its number of weights:
 *
 * - Images of twice (four times, ...) the side get one (two, ...) more pools of 2x2, behind the preset's pools in turn.
 *   Images of half the side lose the first pool.
 * - A pool that is made for the whole map covers the whole map. Before a flatten that gets a larger map than expected,
 *   a mean pool makes it as small as expected.
 * - A window that is larger than its map becomes smaller (a pool), or the map is padded (a convolution).
 * - A convolution that whitens has at most two filters for each value of a patch.
 *
 * @param layers the preset's, with their defaults
 */
export function fitPreset(layers: Layer[], preset: Preset, inputShape: MapShape): FittedLayers {
  const { smallest, largest } = preset.sides ?? cifar10;
  const made = walkAsListed(layers, smallest);
  const more = halvings(Math.min(inputShape[0], inputShape[1]), smallest, largest);
  const movable = layers.filter((layer) => layer.type === 'maxPool' && !made.wholeMapPools.has(layer));
  const fit = new Fit(made, inputShape);
  for (const layer of layers) {
    const place = movable.indexOf(layer);
    if (place >= 0 && place < -more) continue;
    fit.add(layer);
    if (place < 0) continue;
    for (let i = place; i < more; i += movable.length) fit.add(extraPool);
  }
  const pools = more < 0 ? -Math.min(-more, movable.length) : more;
  return { layers: fit.layers, changes: [...poolChange(pools), ...fit.changes] };
}

const extraPool: Pool = { type: 'maxPool', size: [2, 2], stride: [2, 2] };

/** How many more times images of this side must be halved; negative: how many times fewer. */
function halvings(side: number, smallest: number, largest: number): number {
  if (side < smallest) return Math.trunc(Math.log2(side / smallest));
  return Math.max(0, Math.trunc(Math.log2(side / largest)));
}

function poolChange(pools: number): string[] {
  if (pools === 0) return [];
  const count = Math.abs(pools);
  return [`${count} ${pools > 0 ? 'more' : 'fewer'} 2x2 pool${count === 1 ? '' : 's'}`];
}

/** What the layers are made for. */
interface Made {
  /** Height and width of the map that is flattened; null: none is. */
  flattened: Pair | null;
  wholeMapPools: ReadonlySet<Layer>;
}

function walkAsListed(layers: Layer[], side: number): Made {
  const wholeMapPools = new Set<Layer>();
  let flattened: Pair | null = null;
  let shape: Shape = [side, side, 3];
  for (const layer of layers) {
    if (isMap(shape)) {
      if (layer.type === 'maxPool' && layer.size[0] === shape[0] && layer.size[1] === shape[1])
        wholeMapPools.add(layer);
      if (layer.type === 'flatten') flattened = [shape[0], shape[1]];
    }
    shape = outputOf(layer, shape);
  }
  return { flattened, wholeMapPools };
}

/** Collects layers, each changed where it does not fit the map that the layers before it return. */
class Fit {
  readonly layers: Layer[] = [];
  readonly changes: string[] = [];
  #shape: Shape;

  constructor(
    private readonly made: Made,
    inputShape: MapShape,
  ) {
    this.#shape = inputShape;
  }

  add(layer: Layer): void {
    for (const fitted of isMap(this.#shape) ? this.#fitted(layer, this.#shape) : [layer]) {
      this.layers.push(fitted);
      this.#shape = outputOf(fitted, this.#shape);
    }
  }

  #fitted(layer: Layer, map: MapShape): Layer[] {
    switch (layer.type) {
      case 'conv2d':
        return [this.#convolution(layer, map)];
      case 'maxPool':
        return this.#pool(layer, map);
      case 'flatten':
        return [...this.#meanPool(map), layer];
      default:
        return [layer];
    }
  }

  #convolution(layer: Conv2d, map: MapShape): Layer {
    const filters = layer.initializer === 'whitening' ? this.#whiteningFilters(layer, map) : layer.filters;
    const fits = windowFits(layer.kernel, map, convolutionPadding(layer, map));
    if (!fits) this.changes.push(`padding around a ${size(map)} map`);
    const padding = fits ? layer.padding : 'same';
    return filters === layer.filters && fits ? layer : { ...layer, filters, padding };
  }

  #whiteningFilters({ filters, kernel }: Conv2d, [, , channels]: MapShape): number {
    const most = 2 * kernel[0] * kernel[1] * channels;
    if (most < filters) this.changes.push(`${most} whitening filters instead of ${filters}`);
    return Math.min(most, filters);
  }

  #pool(pool: Pool, [height, width]: MapShape): Pool[] {
    const whole = this.made.wholeMapPools.has(pool);
    const window: Pair = whole ? [height, width] : [Math.min(pool.size[0], height), Math.min(pool.size[1], width)];
    if (window[0] === pool.size[0] && window[1] === pool.size[1]) return [pool];
    const single = window[0] * window[1] === 1;
    const map = `${size([height, width])} map`;
    if (single) this.changes.push(`no pool of a ${map}`);
    else this.changes.push(whole ? `a pool of the whole ${map}` : `a ${size(window)} pool of a ${map}`);
    return single ? [] : [{ ...pool, size: window, stride: window }];
  }

  /** Makes a map that is to be flattened as small as the classifier expects it, if it is larger. */
  #meanPool([height, width]: MapShape): Pool[] {
    const { flattened } = this.made;
    if (!flattened || (height <= flattened[0] && width <= flattened[1])) return [];
    const grid: Pair = [Math.min(height, flattened[0]), Math.min(width, flattened[1])];
    this.changes.push(`a mean pool from ${size([height, width])} to ${size(grid)} before the classifier`);
    const stride: Pair = [Math.floor(height / grid[0]), Math.floor(width / grid[1])];
    // One window for each cell of the grid; together they cover the map, and they overlap as little as possible.
    const window: Pair = [height - (grid[0] - 1) * stride[0], width - (grid[1] - 1) * stride[1]];
    return [{ type: 'avgPool', size: window, stride }];
  }
}

/** Width x height. */
const size = ([height, width]: readonly number[]): string => `${width}x${height}`;
