import { activations, type Cases, Inputs, written } from './operands.js';

const inputs = new Inputs(2026);

const densities: readonly { batch: number; inputs: number; units: number }[] = [
  { batch: 1, inputs: 1, units: 1 },
  { batch: 3, inputs: 17, units: 5 },
  { batch: 1, inputs: 400, units: 120 },
  { batch: 33, inputs: 130, units: 65 },
];
const denseTitle = ({ batch, inputs, units }: (typeof densities)[number]) => `${batch}x${inputs} to ${units}`;

export const denseCases = {
  dense: densities.flatMap((sizes, i) =>
    activations.map((activation, j) => ({
      title: `${denseTitle(sizes)}, ${activation?.kind ?? 'linear'}, ${(i + j) % 2 ? 'with' : 'without'} bias`,
      in: {
        x: inputs.f32([sizes.batch, sizes.inputs]),
        w: inputs.f32([sizes.inputs, sizes.units]),
        b: (i + j) % 2 ? inputs.f32([sizes.units]) : null,
      },
      out: { y: written([sizes.batch, sizes.units]) },
      update: {},
      settings: { activation },
    })),
  ),
  denseGradInput: densities.map((sizes) => ({
    title: denseTitle(sizes),
    in: { dy: inputs.f32([sizes.batch, sizes.units]), w: inputs.f32([sizes.inputs, sizes.units]) },
    out: { dx: written([sizes.batch, sizes.inputs]) },
    update: {},
    settings: {},
  })),
  denseGradFilter: densities.flatMap((sizes) =>
    [true, false].map((bias) => ({
      title: `${denseTitle(sizes)}, ${bias ? 'with' : 'without'} bias`,
      in: { x: inputs.f32([sizes.batch, sizes.inputs]), dy: inputs.f32([sizes.batch, sizes.units]) },
      out: { dw: written([sizes.inputs, sizes.units]), db: bias ? written([sizes.units]) : null },
      update: {},
      settings: {},
    })),
  ),
} satisfies Cases;
