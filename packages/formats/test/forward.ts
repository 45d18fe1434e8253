import * as tf from '@tensorflow/tfjs-core';
import type { Model, ResolvedLayer } from '@trainyard/architectures';
import type { NamedTensor } from '../src/index.js';

/** The logits of a model, computed by plain ops of tfjs-core. */
export function forward(model: Model, weights: NamedTensor[], images: tf.Tensor): tf.Tensor {
  const value = (name: string): tf.Tensor => {
    const found = weights.find((w) => w.name === name) as NamedTensor;
    return tf.tensor(found.data, found.shape);
  };
  const run = (x: tf.Tensor, { name, layer, branches }: ResolvedLayer): tf.Tensor => {
    const image = x as tf.Tensor4D;
    switch (layer.type) {
      case 'conv2d': {
        const pad = layer.padding;
        const kernel = value(`${name}/kernel`) as tf.Tensor4D;
        const kernels = tf.split(kernel, layer.groups, 3);
        const rounding = typeof pad === 'number' ? 'floor' : undefined;
        const y = tf.concat(
          tf
            .split<tf.Tensor4D>(image, layer.groups, 3)
            .map((group, i) =>
              tf.conv2d(group, kernels[i] as tf.Tensor4D, layer.stride, pad, 'NHWC', layer.dilation, rounding),
            ),
          3,
        );
        return layer.bias ? tf.add(y, value(`${name}/bias`)) : y;
      }
      case 'batchNorm': {
        const spread = tf.sqrt(tf.add(value(`${name}/moving_variance`), layer.epsilon));
        const normal = tf.div(tf.sub(x, value(`${name}/moving_mean`)), spread);
        return tf.add(layer.scale ? tf.mul(normal, value(`${name}/gamma`)) : normal, value(`${name}/beta`));
      }
      case 'activation':
        if (layer.kind === 'leakyRelu') return tf.leakyRelu(x, layer.slope);
        if (layer.kind === 'gelu') return tf.mul(x, tf.mul(0.5, tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))));
        return { relu: tf.relu, tanh: tf.tanh, sigmoid: tf.sigmoid }[layer.kind](x);
      case 'maxPool':
        return tf.maxPool(image, layer.size, layer.stride, 'valid');
      case 'avgPool':
        return tf.avgPool(image, layer.size, layer.stride, 'valid');
      case 'globalAvgPool':
        return tf.mean(x, [1, 2]);
      case 'dense': {
        const y = tf.matMul(x as tf.Tensor2D, value(`${name}/kernel`) as tf.Tensor2D);
        return layer.bias ? tf.add(y, value(`${name}/bias`)) : y;
      }
      case 'flatten':
        return tf.reshape(x, [x.shape[0] as number, -1]);
      case 'scale':
        return tf.mul(x, layer.factor);
      case 'residual':
        return tf.add(x, branches[0]?.reduce(run, x) ?? x);
      case 'squeezeExcite': {
        const factors = branches[0]?.reduce(run, x) as tf.Tensor;
        return tf.mul(x, tf.reshape(factors, [x.shape[0] as number, 1, 1, -1]));
      }
      case 'concatenate':
        return tf.concat(
          branches.map((branch) => branch.reduce(run, x)),
          -1,
        );
      default:
        return x;
    }
  };
  return model.layers.reduce(run, images);
}
