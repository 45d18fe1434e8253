export { headWeights } from './head.js';
export type { Initializer, Model, ResolvedLayer, Weight } from './model.js';
export { isPresetName, type Preset, type PresetName, presetNames, presetOf, presets } from './presets/index.js';
export { maxWeights } from './resolve/limits.js';
export { flattenLayers, type Resolved, resolveDraft, resolveModel } from './resolve/resolve.js';
export { elementCount, type MapShape } from './resolve/shapes.js';
export type { DraftLayer } from './resolve/walk.js';
export { summarize } from './summarize.js';
