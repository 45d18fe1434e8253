import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const versionOf = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;

export const onnxRuntimeVersion = versionOf('onnxruntime-node');
export const tensorFlowVersion = versionOf('@tensorflow/tfjs-core');
