export { type Binaries, findBinaries, packageFolder } from './postgres/binaries.js';
export { grantRead, grantTraverse } from './postgres/grantTraverse.js';
export { stackOf, stopStack } from './runningStack.js';
export { runStack } from './runStack.js';
export { signInLink } from './signInLink.js';
export { type Stack, type StackEntries, type StackOptions, type StackSettings, startStack } from './stack.js';
