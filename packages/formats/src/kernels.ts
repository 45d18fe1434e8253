import type { NamedTensor } from './tensor.js';

/**
 * A kernel `[height, width, in, out]` as ONNX and PyTorch have it: `[out, in, height, width]`. With groups, `in` are
 * the channels of a group in both.
 */
export function withFiltersFirst(kernel: NamedTensor): NamedTensor {
  const [height = 0, width = 0, channels = 0, filters = 0] = kernel.shape;
  const rows = height * width * channels;
  const data = new Float32Array(rows * filters);
  for (let position = 0; position < height * width; position++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = (position * channels + channel) * filters;
      const to = channel * height * width + position;
      for (let filter = 0; filter < filters; filter++) data[filter * rows + to] = kernel.data[from + filter] as number;
    }
  }
  return { ...kernel, shape: [filters, channels, height, width], data };
}

/** The reverse of `withFiltersFirst`: a kernel `[out, in, height, width]` as `[height, width, in, out]`. */
export function withFiltersLast(kernel: NamedTensor): NamedTensor {
  const [filters = 0, channels = 0, height = 0, width = 0] = kernel.shape;
  const rows = channels * height * width;
  const data = new Float32Array(rows * filters);
  for (let position = 0; position < height * width; position++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = channel * height * width + position;
      const to = (position * channels + channel) * filters;
      for (let filter = 0; filter < filters; filter++) data[to + filter] = kernel.data[filter * rows + from] as number;
    }
  }
  return { ...kernel, shape: [height, width, channels, filters], data };
}
