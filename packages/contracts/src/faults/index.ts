export { type FaultOptions, faultsOf, faultsOfIssues } from './issues.js';
export { toPointer } from './pointer.js';
export { nearestName, type Synonyms } from './suggest.js';
