import type { CheckpointManifest, Dataset, EpochMetrics, TestResults } from '@trainyard/contracts';
import { licenceOf } from './licences.js';

/** What a card says of a checkpoint; nothing that changes afterwards, except that the test comes after the training. */
export interface CardFacts {
  manifest: CheckpointManifest;
  /** Null where it was deleted. */
  dataset: Dataset | null;
  /** Up to the checkpoint. */
  epochs: readonly EpochMetrics[];
  /** The test of this checkpoint; null: it was not tested. */
  results: TestResults | null;
}

/** Rows of the curve at most. */
const maxRows = 30;

/** The card of a model, a `README.md`: its use, data, results, each class, the curve, the spec. */
export function modelCard(facts: CardFacts): string {
  const { manifest, results } = facts;
  const { architecture } = manifest.spec;
  const name = typeof architecture === 'string' ? architecture : 'Custom network';
  const sections = [
    `# ${name} on ${manifest.dataset.name}`,
    `Epoch ${manifest.cursor.epoch} of ${manifest.jobId}, trained by Trainyard ${manifest.codeVersion}.`,
    useSection(manifest),
    dataSection(facts),
    results ? resultsSection(results) : '## Results\n\nThis checkpoint was not tested.',
    ...(results ? [classSection(results)] : []),
    curveSection(facts.epochs),
    `## Spec\n\n\`\`\`json\n${JSON.stringify(publicSpec(manifest.spec), null, 2)}\n\`\`\``,
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Without what may be changed later and is no part of the training. */
function publicSpec(spec: CheckpointManifest['spec']): object {
  const { name: _name, notes: _notes, tags: _tags, priority: _priority, experiment: _experiment, ...rest } = spec;
  return rest;
}

function useSection({ inputShape, normalization, dataset }: CheckpointManifest): string {
  const [height, width, channels] = inputShape;
  return `## Use

Classifies images of ${width}x${height} pixels with ${channels === 1 ? 'one channel' : `${channels} channels`} into \
${dataset.classes.length} classes. Pixels are normalised as (pixel / 255 - mean) / std, with the mean \
${list(normalization.mean)} and the std ${list(normalization.std)} of the channels. It knows no other classes: every \
image gets one of them.`;
}

function dataSection({ manifest: { dataset, spec }, dataset: stored }: CardFacts): string {
  const lines = [
    `- Data set: ${cell(dataset.name)}, version ${dataset.version}, SHA-256 of its content ${dataset.digest}`,
    ...(stored ? [`- Source: ${cell(stored.source)}`] : []),
    ...(stored ? [`- Images: ${stored.trainImages} for training, ${stored.testImages} for the test`] : []),
    ...(spec.dataset.limit === null ? [] : [`- Limited to ${spec.dataset.limit} images`]),
    `- Validation: ${spec.dataset.validationSplit}, share ${spec.dataset.validationFraction}`,
    `- Licence: ${licenceOf(stored)}`,
  ];
  return `## Data\n\n${lines.join('\n')}`;
}

function resultsSection({ accuracy, correct, total, loss, top5Accuracy, macroF1, partial }: TestResults): string {
  const lines = [
    `- Accuracy: ${percent(accuracy)} (${correct} of ${total} test images)`,
    `- Loss: ${loss.toFixed(4)}`,
    ...(top5Accuracy === null ? [] : [`- Among the first five: ${percent(top5Accuracy)}`]),
    ...(macroF1 === null ? [] : [`- Macro F1: ${macroF1.toFixed(4)}`]),
    ...(partial ? ['- The training failed in a later epoch.'] : []),
  ];
  return `## Results\n\n${lines.join('\n')}`;
}

const classSection = ({ classes }: TestResults): string =>
  `## Classes\n\n${table(
    ['class', 'correct', 'images', 'precision', 'recall', 'F1'],
    classes.map((one) => [
      cell(one.class),
      String(one.correct),
      String(one.total),
      ...[one.precision, one.recall, one.f1].map((value) => (value === null ? 'N/A' : value.toFixed(4))),
    ]),
  )}`;

function curveSection(epochs: readonly EpochMetrics[]): string {
  const step = Math.max(1, Math.ceil(epochs.length / maxRows));
  const shown = epochs.filter((_, i) => (epochs.length - 1 - i) % step === 0);
  const rows = shown.map((one) => [
    String(one.epoch),
    one.trainLoss.toFixed(4),
    percent(one.trainAccuracy),
    one.validationLoss.toFixed(4),
    percent(one.validationAccuracy),
  ]);
  const columns = ['epoch', 'training loss', 'training accuracy', 'validation loss', 'validation accuracy'];
  return `## Curve\n\n${rows.length === 0 ? 'No epoch was completed.' : table(columns, rows)}`;
}

const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [columns, columns.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

/** Text that is no Markdown: names of classes and files are a user's. */
const cell = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|!]/g, '\\$&');

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
const list = (values: readonly number[]): string => values.map((value) => Number(value.toFixed(4))).join(', ');
