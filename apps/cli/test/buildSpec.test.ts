import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkSpec } from '@trainyard/spec';
import { describe, expect, it, onTestFinished } from 'vitest';
import { assign } from '../src/spec/assign.js';
import { buildSpec } from '../src/spec/buildSpec.js';
import { captureTerminal } from './support/captureTerminal.js';

const { terminal } = captureTerminal();

function set(spec: object, ...assignments: string[]) {
  const copy = structuredClone(spec) as Record<string, unknown>;
  for (const assignment of assignments) assign(copy, assignment);
  return copy;
}

describe('a spec', () => {
  it('is a preset’s name with flags', async () => {
    expect(await buildSpec('lenet', { recipe: 'tuned' }, terminal)).toEqual({ architecture: 'lenet', recipe: 'tuned' });
    const spec = await buildSpec('lenet', { lr: 0.01, batch: 20, epochs: 30, tag: ['a', 'b'] }, terminal);
    expect(spec).toEqual({ architecture: 'lenet', learningRate: 0.01, batchSize: 20, epochs: 30, tags: ['a', 'b'] });
  });

  it('is a file, over which flags are laid', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'spec-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = path.join(folder, 'spec.json');
    await writeFile(file, '{"architecture": "cnn3", "epochs": 5}');
    expect(await buildSpec(file, { epochs: 1 }, terminal)).toEqual({ architecture: 'cnn3', epochs: 1 });
  });

  it('is read from standard input', async () => {
    const piped = captureTerminal({ input: '{"architecture": "vgg6"}' }).terminal;
    expect(await buildSpec('-', {}, piped)).toEqual({ architecture: 'vgg6' });
  });

  it.each([
    ['missing.json', '', 'there is no file missing.json'],
    ['-', '{"architecture":', 'standard input is not JSON'],
    ['-', '["lenet"]', 'a spec must be an object'],
  ])('that cannot be read from %s is refused', async (source, input, message) => {
    await expect(buildSpec(source, {}, captureTerminal({ input }).terminal)).rejects.toThrow(message);
  });
});

describe('--set', () => {
  it('reads JSON, and text where it is none', () => {
    expect(set({}, 'epochs=3', 'name=3x', 'augmentation.flip=true', 'tags=["a"]', 'notes=')).toEqual({
      epochs: 3,
      name: '3x',
      augmentation: { flip: true },
      tags: ['a'],
      notes: '',
    });
  });

  it('opens up bare names into what they stand for', () => {
    expect(set({ optimizer: 'adam', dataset: 'shapes' }, 'optimizer.weightDecay=0.1', 'dataset.limit=100')).toEqual({
      optimizer: { type: 'adam', weightDecay: 0.1 },
      dataset: { name: 'shapes', limit: 100 },
    });
  });

  it('of a detail alone keeps the default’s type', () => {
    const spec = set(
      { architecture: 'lenet' },
      'optimizer.momentum=0.9',
      'schedule.warmupEpochs=1',
      'dataset.limit=1000',
    );
    expect(checkSpec(spec, null).faults).toEqual([]);
  });

  it('of another type drops the old type’s fields', () => {
    expect(set({ optimizer: { type: 'sgd', momentum: 0.9 } }, 'optimizer.type=adam')).toEqual({
      optimizer: { type: 'adam' },
    });
  });

  it('reaches into layers', () => {
    const spec = { architecture: { layers: [{ type: 'flatten' }, { type: 'dense', units: 5 }] } };
    expect(set(spec, 'architecture.layers.1.units=10').architecture).toEqual({
      layers: [{ type: 'flatten' }, { type: 'dense', units: 10 }],
    });
  });

  it('of a layer’s type keeps the layer', () => {
    const spec = { architecture: { layers: [{ type: 'maxPool', size: 3 }] } };
    expect(set(spec, 'architecture.layers.0.type=avgPool').architecture).toEqual({
      layers: [{ type: 'avgPool', size: 3 }],
    });
  });

  it.each(['epochs', '=3', 'a..b=1', '__proto__.x=1', 'epochs.x=1'])('%s is refused', (assignment) => {
    expect(() => set({ epochs: 3 }, assignment)).toThrow('--set');
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });
});
