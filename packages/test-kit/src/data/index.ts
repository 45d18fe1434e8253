export { addStripes, stripes } from './stripes.js';
