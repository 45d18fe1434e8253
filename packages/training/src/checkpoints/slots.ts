import type { Model } from '@trainyard/architectures';
import type { NamedTensor } from '@trainyard/formats';
import { type DataType, type Program, type Session, type Slot, slotNames } from '@trainyard/program';

/*
 * Which slot goes where. With an average of the weights, weights.bin has the averages, and the state the raw weights.
 *   weights.bin        one tensor per weight of the model, under the weight's name
 *   state.safetensors  every other persistent slot of the training program, under its own name
 */

/** The weights of a model as a checkpoint has them, in the model's order. */
export type Weights = NamedTensor[];

/** The persistent slots of training. Those of the dataset are written from its file and are not state. */
export function stateSlots(program: Program): Slot[] {
  return program.slots.filter((slot) => slot.role === 'persistent' && !slot.name.startsWith('dataset/'));
}

/** The slot whose values are saved as the weight: its average where there is one. */
export function savedSlot(program: Program, weight: string): string {
  const average = slotNames.ema(weight);
  return program.slots.some((slot) => slot.name === average) ? average : weight;
}

export async function readWeights(session: Session, program: Program, model: Model): Promise<Weights> {
  const weights: Weights = [];
  for (const { name, shape } of model.weights) {
    weights.push({ name, shape, dtype: 'F32', data: await session.read(savedSlot(program, name)) });
  }
  return weights;
}

const tensorTypes = { f32: 'F32', i32: 'I32', u8: 'U8' } as const satisfies Record<DataType, NamedTensor['dtype']>;

/** Every persistent slot that is not saved as a weight. */
export async function readState(session: Session, program: Program, model: Model): Promise<NamedTensor[]> {
  const saved = new Set(model.weights.map((weight) => savedSlot(program, weight.name)));
  const state: NamedTensor[] = [];
  for (const slot of stateSlots(program)) {
    if (saved.has(slot.name)) continue;
    const data = await session.read(slot.name);
    state.push({ name: slot.name, shape: [...slot.shape], dtype: tensorTypes[slot.dtype], data });
  }
  return state;
}
