export { FilterError } from './filterError.js';
export { formatField } from './formatField.js';
export { type MlflowGrammar, type MlflowKind, mlflowExperiments, mlflowRuns } from './mlflowGrammar.js';
export { parseFilter } from './parseFilter.js';
export { type MlflowOrder, type MlflowPaths, parseMlflowFilter, parseMlflowOrder } from './parseMlflowFilter.js';
export { mostSortKeys, parseField, parseFields, parseOrder } from './parseOrder.js';
export type { Comparison, Field, Fields, FieldType, Filter, SortKey, Value } from './tree.js';
