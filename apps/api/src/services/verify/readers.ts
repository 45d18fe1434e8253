import type { CheckpointManifest, ExportChoice } from '@trainyard/contracts';
import { onnxRuntimeVersion, Predictor, TensorFlowReader, tensorFlowVersion } from '@trainyard/inference';

type Shape = [images: number, height: number, width: number, channels: number];

/** A model that a program which is not Trainyard's has loaded from the bytes of a download. */
export interface OpenedFile {
  /** @returns row-major `[images, classes]`; pixels are `[images, height, width, channels]` */
  classify(pixels: Uint8Array, shape: Shape): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface Reader {
  choice: ExportChoice;
  name: string;
  version: string;
  open(bytes: Uint8Array, sha256: string, manifest: CheckpointManifest): Promise<OpenedFile>;
}

const onnxRuntime = (input: 'float32' | 'uint8'): Reader => ({
  choice: { format: 'onnx', input },
  name: 'ONNX Runtime',
  version: onnxRuntimeVersion,
  async open(bytes, sha256, { normalization }) {
    // Its own thread: that of predictions goes on with requests, and this one's memory is free again afterwards.
    const predictor = new Predictor({ threads: 1, memoryMegabytes: 1024, maxCalls: 1 });
    const source = { key: sha256, load: async () => ({ kind: 'onnx' as const, bytes }) };
    return {
      async classify(pixels, shape) {
        const data = input === 'uint8' ? pixels : normalized(pixels, normalization);
        return (await predictor.predict(source, { data, shape })).probabilities;
      },
      close: () => predictor.close(),
    };
  },
});

const tensorFlow: Reader = {
  choice: { format: 'tfjs' },
  name: 'TensorFlow.js',
  version: tensorFlowVersion,
  async open(bytes) {
    const reader = new TensorFlowReader();
    await reader.load(bytes).catch(async (error: unknown) => {
      await reader.close();
      throw error;
    });
    return {
      classify: async (pixels, shape) => (await reader.run(pixels, shape)).probabilities,
      close: () => reader.close(),
    };
  },
};

/** Every file of which the service has a reader. PyTorch is read by `npm run test:formats` alone. */
export const readers: readonly Reader[] = [onnxRuntime('float32'), onnxRuntime('uint8'), tensorFlow];

/** What docs/formats.md has users do with pixels, channels last. */
function normalized(pixels: Uint8Array, { mean, std }: CheckpointManifest['normalization']): Float32Array {
  const channels = mean.length;
  return Float32Array.from(pixels, (pixel, i) => {
    const channel = i % channels;
    return (pixel / 255 - (mean[channel] as number)) / (std[channel] as number);
  });
}
