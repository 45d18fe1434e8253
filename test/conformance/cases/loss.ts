import { elementCount } from '@trainyard/program';
import { type Cases, fed, Inputs, logits, shapeTitle, written } from './operands.js';

const inputs = new Inputs(2030);

/** Scales values to logits of an unsure and of a sure network. */
function spread(values: Float32Array): Float32Array {
  return values.map((value, i) => (i % 7 === 0 ? 40 : 3) * value);
}

const losses: { labelSmoothing: number; weighted: boolean; gradient: boolean; share?: number }[] = [
  { labelSmoothing: 0, weighted: false, gradient: false },
  { labelSmoothing: 0.1, weighted: false, gradient: true },
  { labelSmoothing: 0, weighted: true, gradient: true },
  { labelSmoothing: 0.2, weighted: true, gradient: true },
  { labelSmoothing: 0.2, weighted: true, gradient: false },
  { labelSmoothing: 0, weighted: false, gradient: true, share: 0.7 },
  { labelSmoothing: 0.1, weighted: true, gradient: true, share: 0.25 },
];
/** Every fourth class has none. */
const weightsOf = (classes: number): number[] => Array.from({ length: classes }, (_, k) => (k % 4) / 2);

export const lossCases = {
  softmaxCrossEntropy: logits.flatMap(([batch = 0, classes = 0]) =>
    losses.map(({ labelSmoothing, weighted, gradient, share }) => ({
      title: [
        `${batch}x${classes}, smoothing ${labelSmoothing}`,
        ...(weighted ? ['with class weights'] : []),
        ...(share ? ['mixed'] : []),
      ].join(', '),
      in: {
        logits: inputs.f32([batch, classes], spread(inputs.coarse(batch * classes))),
        labels: inputs.i32([batch], classes),
        mixing: share ? fed([6], Float32Array.of(0, share, 0, 0, 0, 0, 0, 1 - share, 0, 0, 0, 0)) : null,
      },
      out: { loss: written([]), hits: written([]), dlogits: gradient ? written([batch, classes]) : null },
      update: {},
      settings: { labelSmoothing, classWeights: weighted ? weightsOf(classes) : null },
    })),
  ),
  softmax: logits.map((shape) => ({
    title: shapeTitle(shape),
    in: { x: inputs.f32(shape, spread(inputs.floats(elementCount(shape)))) },
    out: { y: written(shape) },
    update: {},
    settings: {},
  })),
  accumulate: [1, 20].map((count) => ({
    title: `of ${count}`,
    in: { loss: inputs.f32([]), hits: inputs.f32([], Float32Array.of(3)) },
    out: {},
    update: { totals: inputs.f32([3]) },
    settings: { count },
  })),
  confusion: logits.map(([batch = 0, classes = 0]) => ({
    title: `${batch}x${classes}`,
    in: { logits: inputs.ties([batch, classes]), labels: inputs.i32([batch], classes) },
    out: {},
    update: { counts: inputs.i32([classes, classes], 5) },
    settings: {},
  })),
  topHits: logits.flatMap(([batch = 0, classes = 0]) =>
    [1, 5].map((k) => ({
      title: `${batch}x${classes}, ${k}`,
      in: { logits: inputs.ties([batch, classes]), labels: inputs.i32([batch], classes) },
      out: {},
      update: { count: inputs.i32([], 5) },
      settings: { k },
    })),
  ),
} satisfies Cases;
