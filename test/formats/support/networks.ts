import { presetNames } from '@trainyard/architectures';
import type { JobSpecInput } from '@trainyard/contracts';
import type { SetName } from './sets.js';

const relu = { type: 'activation' } as const;
const conv = { type: 'conv2d', filters: 8, padding: 'same' } as const;
const end = (classes: number) => [{ type: 'globalAvgPool' } as const, { type: 'dense', units: classes } as const];

/** A network and what it is trained on. */
export interface Network {
  set: SetName;
  architecture: JobSpecInput['architecture'];
}

const presets: [string, Network][] = presetNames.map((name) => [
  name,
  { set: name === 'resnet-photo' ? 'photos' : 'colours', architecture: name },
]);

const custom: Record<string, { set: SetName; layers: Exclude<JobSpecInput['architecture'], string>['layers'] }> = {
  residuals: {
    set: 'colours',
    layers: [
      { ...conv, stride: 2 },
      { type: 'residual', layers: [conv, { type: 'batchNorm' }, relu, conv] },
      relu,
      { type: 'globalAvgPool' },
      { type: 'residual', layers: [{ type: 'dense', units: 8 }, relu] },
      { type: 'dense', units: 10 },
    ],
  },
  'every activation': {
    set: 'colours',
    layers: [
      { ...conv, stride: 2 },
      { type: 'activation', kind: 'gelu' },
      conv,
      { type: 'activation', kind: 'leakyRelu', slope: 0.2 },
      { type: 'maxPool' },
      conv,
      { type: 'activation', kind: 'tanh' },
      { type: 'flatten' },
      { type: 'dense', units: 24 },
      { type: 'activation', kind: 'sigmoid' },
      { type: 'dense', units: 24 },
      relu,
      { type: 'dense', units: 10 },
    ],
  },
  strides: {
    set: 'colours',
    layers: [
      { type: 'conv2d', filters: 8, kernel: [5, 4], stride: [3, 2], padding: 'same' },
      relu,
      { type: 'conv2d', filters: 12, kernel: 3, stride: [1, 2], padding: 2 },
      relu,
      { type: 'maxPool', size: [3, 2], stride: [2, 1] },
      { type: 'avgPool', size: 2, stride: 1 },
      { type: 'flatten' },
      { type: 'dense', units: 10 },
    ],
  },
  'spatial dropout': {
    set: 'colours',
    layers: [
      conv,
      relu,
      { type: 'spatialDropout', rate: 0.2 },
      { type: 'maxPool', size: 4 },
      { type: 'flatten' },
      { type: 'dropout', rate: 0.3 },
      { type: 'dense', units: 10 },
    ],
  },
  'batchNorm without scale': {
    set: 'colours',
    layers: [
      { ...conv, stride: 2, bias: false },
      { type: 'batchNorm', scale: false, epsilon: 1e-3 },
      relu,
      { type: 'flatten' },
      { type: 'batchNorm', scale: false, momentum: 0.4 },
      { type: 'dense', units: 10, bias: false },
      { type: 'scale', factor: 0.5 },
    ],
  },
  'a single channel': {
    set: 'grey',
    layers: [conv, relu, { type: 'maxPool' }, { type: 'flatten' }, ...end(10).slice(1)],
  },
  '64x48 pixels': { set: 'wide', layers: [{ ...conv, stride: 2 }, relu, { type: 'flatten' }, ...end(5).slice(1)] },
  '2 classes': {
    set: 'two',
    layers: [{ ...conv, stride: 2 }, relu, { ...conv, filters: 16, stride: 2 }, relu, ...end(2)],
  },
  '100 classes': {
    set: 'hundred',
    layers: [conv, relu, { type: 'maxPool' }, { type: 'flatten' }, ...end(100).slice(1)],
  },
  'groups, dilation, squeeze and excitation': {
    set: 'colours',
    layers: [
      { type: 'conv2d', filters: 12, kernel: 3, padding: 'same', groups: 3 },
      relu,
      { type: 'squeezeExcite', reduction: 4 },
      { type: 'conv2d', filters: 16, kernel: 3, dilation: 2, groups: 4 },
      relu,
      { type: 'maxPool', size: 4 },
      { type: 'flatten' },
      { type: 'dense', units: 10 },
    ],
  },
};

/** Every preset, and architectures that have something which few have. */
export const networks: [name: string, network: Network][] = [
  ...presets,
  ...Object.entries(custom).map(([name, { set, layers }]): [string, Network] => [
    name,
    { set, architecture: { layers } },
  ]),
];
