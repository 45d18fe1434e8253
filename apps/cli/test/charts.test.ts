import { describe, expect, it } from 'vitest';
import { Context } from '../src/context.js';
import { formatInterval, formatShare } from '../src/format/bars.js';
import { type Curve, formatCurves } from '../src/format/charts.js';
import { formatEpochCurves } from '../src/format/epochs.js';
import { formatResults } from '../src/format/results.js';
import { captureTerminal } from './support/captureTerminal.js';
import { makeEpoch, makeResults } from './support/samples.js';

const ascii = { width: 60, unicode: false };
const unicode = { width: 60, unicode: true };
const axis = { name: 'epoch', format: (y: number) => y.toFixed(2) };
const line = (label: string, ...values: number[]): Curve => ({
  label,
  points: values.map((y, i) => ({ x: i + 1, y })),
});

describe('curves', () => {
  it('are drawn with the letter of their label in ASCII, and named where they end', () => {
    expect(formatCurves('Loss', [line('A', 3, 2, 1), line('B', 1, 1, 1)], axis, { ...ascii, width: 30 })).toEqual([
      'Loss',
      '3.00 |AA',
      '     |  AA',
      '     |    AA',
      '     |      AA',
      '2.00 |        AAA',
      '     |           AA',
      '     |             AA',
      '     |               AA',
      '1.00 |BBBBBBBBBBBBBBBBBBB A B',
      '     +-------------------',
      '      1      epoch      3',
    ]);
  });

  it('fit into the width, with few and many epochs, curves and long names', () => {
    const wave = (label: string, length: number) =>
      line(label, ...Array.from({ length }, (_, i) => Math.sin(i / 9) + label.length));
    for (const count of [1, 2, 30, 5000]) {
      for (const style of [ascii, unicode]) {
        const curves = Array.from({ length: 100 }, (_, i) => wave(`${i}-${'n'.repeat(i)}`, count));
        const lines = formatCurves('Loss', curves, axis, style);
        expect(lines).toHaveLength(12);
        expect(Math.max(...lines.map((text) => text.length))).toBeLessThanOrEqual(60);
      }
    }
  });

  it('of one epoch and of equal values are points and flat lines in the middle', () => {
    expect(formatCurves('Loss', [line('A', 2)], axis, ascii)[5]).toMatch(/^2\.00 \| +A +A$/);
    expect(formatCurves('Loss', [line('A', 2, 2, 2)], axis, ascii)[5]).toMatch(/^2\.00 \|A{40,} A$/);
  });

  it('are interrupted by values that are no numbers, and are not drawn without any number', () => {
    const broken = formatCurves('Loss', [line('A', 1, Number.NaN, 1, 1)], axis, ascii)[5];
    expect(broken).toMatch(/^1\.00 \|A {20,}A+ A$/);
    expect(formatCurves('Loss', [line('A', Number.NaN, Number.POSITIVE_INFINITY)], axis, ascii)).toEqual([]);
    expect(formatCurves('Loss', [], axis, ascii)).toEqual([]);
  });

  it('differ without colours in Unicode, too, and in colours where there are such', () => {
    const drawn = formatCurves('Loss', [line('A', 1, 1, 1), line('B', 2, 2, 2)], axis, unicode);
    const dots = (text = '') => [...text].filter((character) => character > '\u2800' && character <= '\u28ff');
    expect(dots(drawn[9]).length).toBeGreaterThan(dots(drawn[1]).length + 8);
    const coloured = formatCurves('Loss', [line('A', 1, 2)], axis, { ...ascii, colour: (text, i) => `<${i}${text}>` });
    expect(coloured[1]).toContain('<0A>');
  });

  it('of epochs show loss and accuracy of both splits', () => {
    const lines = formatEpochCurves([makeEpoch({ epoch: 1 }), makeEpoch({ epoch: 2, trainLoss: 1.2 })], ascii);
    expect(lines.filter((text) => /^[AL]/.test(text))).toEqual(['Accuracy', 'Loss']);
    expect(lines.join('\n')).toMatch(/48\.9 % \|v+ validation[\s\S]+48\.1 % \|t+ training/);
    expect(formatEpochCurves([], ascii)).toEqual([]);
  });
});

describe('bars', () => {
  it('are as long as their share, in Unicode to an eighth of a column', () => {
    expect([0, 0.5, 1].map((share) => formatShare(share, { ...ascii, width: 4 }))).toEqual(['', '##', '####']);
    expect(formatShare(0.53125, { ...unicode, width: 4 })).toBe('██▏');
    expect(formatInterval({ low: 0.5, high: 0.71 }, { ...ascii, width: 10 })).toBe('#####===');
  });

  it('stand beside the classes of a result where there is room, also for 2 and 100 classes', () => {
    const [first] = makeResults().classes;
    for (const count of [2, 100]) {
      const classes = Array.from(
        { length: count },
        (_, i) => ({ ...first, class: `class ${i}` }) as typeof first & object,
      );
      const lines = formatResults({ ...makeResults(), classes }, ascii).slice(2, 2 + count);
      expect(lines.every((text) => /^ *class \d+ 70 % \(705\/1000\) {2}#+$/.test(text) && text.length < 60)).toBe(true);
      const long = formatResults(
        { ...makeResults(), classes: [{ ...classes[0], class: 'x'.repeat(60) } as never] },
        ascii,
      );
      expect(long[2]).toMatch(/\(705\/1000\)$/);
    }
  });
});

describe('the form of charts', () => {
  const style = (env: NodeJS.ProcessEnv, isTTY = true) =>
    new Context(captureTerminal({ isTTY, columns: 70, colours: env.NO_COLOR === undefined }).terminal, env).charts;

  it('is Unicode on a terminal with such a locale; ASCII when piped, in other locales and on a dumb terminal', () => {
    const utf8 = { LANG: 'en_US.UTF-8', TERM: 'xterm' };
    expect(style(utf8)).toMatchObject({ unicode: true, width: 70 });
    expect(style(utf8, false)).toMatchObject({ unicode: false, width: 80 });
    for (const env of [{ ...utf8, TERM: 'dumb' }, { ...utf8, LC_ALL: 'C' }, {}]) expect(style(env).unicode).toBe(false);
  });

  it('has colours only where the terminal has', () => {
    expect(style({}).colour?.('x', 0)).toBe('\u001b[36mx\u001b[39m');
    expect(style({ NO_COLOR: '1' }).colour?.('x', 0)).toBe('x');
    expect(style({}, false).colour?.('x', 0)).toBe('x');
  });
});
