export { type Stack, type StackOptions, startStack } from './stack.js';
export { up } from './up.js';
