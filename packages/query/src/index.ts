export { FilterError } from './filterError.js';
export { parseFilter } from './parseFilter.js';
export { type MlflowKind, type MlflowPaths, parseMlflowFilter } from './parseMlflowFilter.js';
export { type Order, parseField, parseOrder } from './parseOrder.js';
export type { Comparison, Field, Fields, FieldType, Filter, Value } from './tree.js';
