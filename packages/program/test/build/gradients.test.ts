import { freezeWeights, type Model } from '@trainyard/architectures';
import { openTfjsExecutor } from '@trainyard/executor-tfjs';
import {
  buildTrainProgram,
  elementCount,
  initialValues,
  type LoadedProgram,
  randomWords,
  type Session,
  slotNames,
  toUnit,
} from '@trainyard/program';
import { describe, expect, it } from 'vitest';
import { modelOf, trainOptions } from '../models.js';
import { cases, frozenCases } from './gradientCases.js';

/**
 * Compares each layer's gradient rule with central differences of the loss, on the reference executor in fp32. The
 * layer is between others with weights, so that the gradient of its input is checked too.
 */

describe.each([
  ...Object.entries(cases).map(([title, layers]): [string, Model] => [title, modelOf(layers)]),
  ...Object.entries(frozenCases).map(([title, [layers, freeze]]): [string, Model] => [
    title,
    freezeWeights(modelOf(layers), freeze),
  ]),
])('the gradient of %s', (_, model) => {
  it('is the slope of the loss along the gradient and along random directions', async () => {
    const program = buildTrainProgram(
      trainOptions(model, { loss: { labelSmoothing: 0.1 }, classWeights: [0.5, 2, 1, 0] }),
    );
    const session = await (await openTfjsExecutor({ backend: 'cpu' })).openSession();
    const loaded = await session.load(program);
    await writeData(session, [6, 7, 3]);
    const weights = initialValues(program, 3);
    const loss = new Loss(session, loaded, weights);

    for (const weight of model.weights.filter(({ trainable }) => trainable)) {
      const gradient = await loss.gradient(weight.name);
      const length = norm(gradient);
      const directions = [gradient.map((g) => g / length), randomDirection(gradient.length)];
      for (const direction of directions) {
        const expected = await loss.slope(weight.name, direction);
        const found = gradient.reduce((sum, g, i) => sum + g * (direction[i] as number), 0);
        // The loss is known to about 1e-7, so a slope over 4e-3 to about 3e-5; kinks of relu and max add to that.
        expect(Math.abs(found - expected), `${weight.name}: ${found} against ${expected}`).toBeLessThan(
          4e-3 * length + 1e-4,
        );
      }
    }
    await session.close();
  });
});

const feeds = (learningRate: number) => ({
  [slotNames.indices]: Int32Array.of(3, 1, 4, 1),
  [slotNames.learningRate]: Float32Array.of(learningRate),
  [slotNames.step]: Int32Array.of(5),
});

/** The loss of one batch as a function of the weights. */
class Loss {
  constructor(
    readonly session: Session,
    readonly program: LoadedProgram,
    readonly weights: ReadonlyMap<string, Float32Array>,
  ) {}

  /** The gradient of a weight: the difference that a step of plain SGD at rate 1 makes. */
  async gradient(name: string): Promise<number[]> {
    await this.#reset();
    await this.program.run(1, feeds(1));
    const before = this.weights.get(name) as Float32Array;
    const after = await this.session.read(name);
    return Array.from(before, (w, i) => w - (after[i] as number));
  }

  /** Central difference of the loss along a direction of one weight. */
  async slope(name: string, direction: readonly number[]): Promise<number> {
    const reach = 2e-3;
    const [ahead, behind] = [await this.#at(name, direction, reach), await this.#at(name, direction, -reach)];
    return (ahead - behind) / (2 * reach);
  }

  async #at(name: string, direction: readonly number[], by: number): Promise<number> {
    await this.#reset();
    const moved = (this.weights.get(name) as Float32Array).map((w, i) => w + by * (direction[i] as number));
    await this.session.write(name, moved);
    await this.program.run(1, feeds(0));
    const [sum = 0, , count = 1] = await this.session.read(slotNames.totals('train'));
    return sum / count;
  }

  async #reset(): Promise<void> {
    for (const [name, values] of this.weights) await this.session.write(name, values);
  }
}

async function writeData(session: Session, imageShape: number[]): Promise<void> {
  const pixels = randomWords(12 * elementCount(imageShape), 11, 0, 0);
  await session.write(
    slotNames.images('train'),
    Uint8Array.from(pixels, (word) => word >>> 24),
  );
  await session.write(
    slotNames.labels('train'),
    Int32Array.from({ length: 12 }, (_, i) => i % 4),
  );
}

const norm = (vector: readonly number[]): number => Math.hypot(...vector);

function randomDirection(length: number): number[] {
  const direction = Array.from(randomWords(length, 5, 1, 0), (word) => 2 * toUnit(word) - 1);
  const size = norm(direction);
  return direction.map((d) => d / size);
}
