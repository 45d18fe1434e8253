export { FilterError } from './filterError.js';
export { type Order, parseFilter, parseOrder } from './parseFilter.js';
export type { Comparison, Field, Fields, FieldType, Filter, Value } from './tree.js';
