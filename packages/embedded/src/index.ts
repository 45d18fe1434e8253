export { type Binaries, findBinaries } from './postgres/binaries.js';
export { grantTraverse } from './postgres/grantTraverse.js';
export { runStack } from './runStack.js';
export { type Stack, type StackEntries, type StackOptions, type StackSettings, startStack } from './stack.js';
