import type { ArchitectureSummary, LayerSummary, Plan } from '@trainyard/contracts';
import { counted, formatBytes, formatCount, formatDuration, formatLarge } from './numbers.js';
import { type Column, formatTable } from './table.js';

const columns: Column<LayerSummary>[] = [
  { title: '#', cell: ({ pointer }) => pointer.match(/\d+/g)?.join('.') ?? '' },
  { title: 'layer', cell: ({ type, detail }) => (detail ? `${type} ${detail}` : type), elastic: 'end' },
  { title: 'output', cell: ({ outputShape }) => outputShape.join('x'), align: 'right' },
  { title: 'parameters', cell: ({ parameters }) => (parameters ? formatCount(parameters) : ''), align: 'right' },
  { title: 'FLOPs', cell: ({ flops }) => (flops ? formatLarge(flops) : ''), align: 'right' },
];

/** The layer table and its sums. Numbers of layers are those of the spec's list, from 0. */
export const formatArchitecture = (summary: ArchitectureSummary, width = 80): string[] => [
  `${summary.name}: ${summary.inputShape.join('x')} images, ${summary.classes} classes`,
  '',
  ...formatTable(columns, summary.layers, width),
  '',
  `${counted(summary.parameters, 'parameter')}, ${formatLarge(summary.flops)}FLOPs an image forward`,
];

/** What the trainer process will need, largest first; nothing where that is not known. */
export function formatMemory(memory: Plan['memory'], at = ''): string[] {
  if (memory === null) return [];
  const parts = [
    ['process', memory.processBytes],
    ['dataset', memory.datasetBytes],
    ['weights', memory.stateBytes],
    ['step', memory.stepBytes],
    ['checkpoints', memory.checkpointBytes],
  ] satisfies [string, number][];
  const listed = parts.toSorted(([, a], [, b]) => b - a).map(([name, bytes]) => `${name} ${formatBytes(bytes)}`);
  return [`the trainer needs ${formatBytes(memory.peakBytes)} of memory${at}:`, `  ${listed.join(', ')}`];
}

/** All that is known of a job before it runs. */
export const formatPlan = (plan: Plan, width = 80): string[] => [
  ...formatArchitecture(plan.architecture, width),
  [
    `${formatCount(plan.trainImages)} images to train`,
    `${formatCount(plan.validationImages)} to validate`,
    `${formatCount(plan.testImages)} to test`,
  ].join(', '),
  ...plan.chosen,
  ...plan.warnings.map((warning) => `warning: ${warning}`),
  `${counted(plan.stepsPerEpoch, 'step')} an epoch, ${formatCount(plan.totalSteps)} in all; ` +
    `${formatLarge(plan.trainingFlops)}FLOPs`,
  ...formatMemory(plan.memory),
  ...(plan.expectedSeconds === null ? [] : [`about ${formatDuration(plan.expectedSeconds)}, by earlier runs`]),
];
