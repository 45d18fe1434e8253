import { presets, resolveModel, summarize } from '@trainyard/architectures';
import { describe, expect, it } from 'vitest';
import { formatDatasets, formatImport } from '../src/format/datasets.js';
import { formatBar, formatEpoch, formatEpochTable, formatProgress } from '../src/format/epochs.js';
import { formatJob, formatJobs } from '../src/format/jobs.js';
import { formatArchitecture } from '../src/format/layers.js';
import { formatBytes, formatCount, formatDuration, formatLarge } from '../src/format/numbers.js';
import { formatTable } from '../src/format/table.js';
import { formatStatus } from '../src/watch/watchJob.js';
import { makeEpoch, makeJob } from './support/samples.js';

const fits = (lines: string[]) => lines.filter((line) => line.length > 80);

describe('numbers', () => {
  it.each([
    [0.42, '0.4 s'],
    [59.4, '59 s'],
    [59.6, '1 min 0 s'],
    [125, '2 min 5 s'],
    [3599.7, '1 h 0 min'],
    [11_520, '3 h 12 min'],
    [187_200, '2 d 4 h'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it('are grouped, and have decimal prefixes where they are large', () => {
    expect(formatCount(5_852_170)).toBe('5,852,170');
    expect(formatLarge(999)).toBe('999');
    expect(formatLarge(1_303_440)).toBe('1.30 M');
    expect(formatBytes(163_000_000)).toBe('163 MB');
  });
});

describe('an epoch', () => {
  it('is printed in the article’s words, with what the best was before', () => {
    expect(formatEpoch(makeEpoch(), 30, 1.4502, 'validationLoss')).toBe(
      'epoch  3/30  train 1.4321  validation 1.3987 (48.9 %)  7,912 images/s, 2.53 ms a step  best: 1.4502 -> 1.3987',
    );
  });

  it('is shortened to fit into 80 columns', () => {
    const line = formatEpoch(makeEpoch({ epoch: 13 }), 30, 1.4502, 'validationLoss', 80);
    expect(line).toBe('epoch 13/30  train 1.4321  val 1.3987 (48.9 %)  7,912/s  best 1.4502 -> 1.3987');
    expect(line.length).toBeLessThanOrEqual(80);
  });

  it('says nothing of the best when it is not', () => {
    expect(formatEpoch(makeEpoch({ best: false }), 3, 1.2, 'validationLoss')).not.toContain('best');
  });

  it('compares what the spec watches', () => {
    expect(formatEpoch(makeEpoch(), 3, 0.475, 'validationAccuracy')).toContain('best: 47.5 % -> 48.9 %');
    expect(formatEpoch(makeEpoch(), 3, null, 'validationAccuracy')).toContain('best: 48.9 %');
  });

  it('is a row of a table, with a star for the best so far', () => {
    expect(formatEpochTable([makeEpoch(), makeEpoch({ epoch: 4, best: false })])).toEqual([
      'epoch   train  accuracy  validation  accuracy  rate  images/s  ms/step',
      '   3*  1.4321    48.1 %      1.3987    48.9 %  0.01     7,912     2.53',
      '   4   1.4321    48.1 %      1.3987    48.9 %  0.01     7,912     2.53',
    ]);
  });
});

describe('progress', () => {
  const progress = {
    epoch: 3,
    epochs: 30,
    step: 10,
    stepsPerEpoch: 2000,
    fraction: 0.25,
    imagesPerSecond: 7911.6,
    etaSeconds: 125,
  };

  const best = { epoch: 2, validationLoss: 1.3987, validationAccuracy: 0.489 };

  it('is epoch, bar, best so far, speed and time left, and never fills the last column', () => {
    const line = formatProgress(progress, best, 80);
    expect(line).toBe('epoch 3/30 [###---------] 25 %  1.3987 (48.9 %)  7,912 images/s  2 min 5 s left');
    expect(line.length).toBeLessThan(80);
  });

  it('leaves out what there is no room for', () => {
    expect(formatProgress(progress, best, 70)).toBe(
      'epoch 3/30 [#####--------------] 25 %  7,912 images/s  2 min 5 s left',
    );
    expect(formatProgress({ ...progress, etaSeconds: null }, null, 40)).toBe('epoch 3/30 25 %  7,912 images/s');
  });

  it('stays within its bar whatever the fraction', () => {
    expect(formatBar(-1, 6)).toBe('[----]');
    expect(formatBar(2, 6)).toBe('[####]');
  });

  it('of a waiting job says how many are before it', () => {
    expect(formatStatus(makeJob({ state: 'queued', queuePosition: 2 }), 80)).toBe('queued, 2 jobs before it');
    expect(formatStatus(makeJob({ state: 'queued', queuePosition: 1000 }), 80)).toBe(
      'queued, 1,000 jobs or more before it',
    );
    expect(formatStatus(makeJob({ state: 'queued', queuePosition: 0 }), 80)).toBe('queued, next to start');
  });

  it('of an import counts bytes or images', () => {
    expect(formatImport({ phase: 'downloading', done: 12_300_000, total: 163_000_000 })).toMatch(
      /^downloading \[#+-+\] 12.3 MB of 163 MB$/,
    );
    expect(formatImport({ phase: 'scanning', done: 1200, total: null })).toBe('scanning 1,200');
    expect(formatImport({ phase: 'finishing', done: 0, total: null })).toBe('finishing');
  });
});

describe('tables', () => {
  it.each(Object.keys(presets))('of the layers of %s fit into 80 columns', (name) => {
    const { model } = resolveModel(name, [224, 224, 3], 1000);
    expect(model && fits(formatArchitecture(summarize(model)))).toEqual([]);
  });

  it('of jobs fit into 80 columns, names cut where they must be', () => {
    const lines = formatJobs([
      makeJob({ name: 'a name that is far too long for the line' }),
      makeJob({ state: 'cancelling', test: null }),
    ]);
    expect(fits(lines)).toEqual([]);
    expect(lines[1]).toMatch(/succeeded .*lenet .*…?\w+@1 .*12\/30 .*60\.14 % .*…$/);
    expect(lines[2]).toMatch(/~60\.2 %$/);
  });

  it('of datasets fit into 80 columns', () => {
    const dataset = {
      name: 'x'.repeat(64),
      version: 1,
      digest: '',
      imageShape: [32, 32, 3] as [number, number, number],
      classes: ['a'],
      trainImages: 50_000,
      validationImages: 0,
      testImages: 10_000,
      notes: [],
      warnings: [],
      mean: [],
      std: [],
      bytes: 184_000_000,
      source: '',
      importedAt: '',
    };
    expect(fits(formatDatasets([dataset]))).toEqual([]);
  });

  it('lose what a terminal would obey', () => {
    expect(formatTable([{ title: 'name', cell: (name: string) => name }], ['a\u001b[31mb\nc'])).toEqual([
      'name',
      'ab c',
    ]);
  });
});

it('a job is shown with what is known of it and nothing else', () => {
  expect(formatJob(makeJob({ name: 'first' }))).toEqual([
    '  name        first',
    '  experiment  default',
    '  model       lenet (62,006 parameters) on cifar10@1',
    '  dataset     cifar10@1, digest dddddddddddd',
    '  recipe      batch 20, learning rate 0.01, 30 epochs, sgd',
    '  seed        7',
    '  submitted   2026-11-23 22:36 UTC',
    '  started     2026-11-23 22:36 UTC',
    '  finished    2026-11-23 22:38 UTC',
    '  attempt     1',
    '  runs on     native cpu, 2 threads, oneDNN 2.6.3',
    '  time        2 min 5 s',
    '  best        epoch 12: validation loss 1.1234 (60.2 %)',
    '  test        Test Accuracy (Overall): 60.14 % (6014/10000), loss 1.1543',
  ]);
});
