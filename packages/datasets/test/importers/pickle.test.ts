import { InvalidInputError } from '@trainyard/contracts';
import { expect, test } from 'vitest';
import { readPickle } from '../../src/importers/cifar10/pickle.js';
import { PickledArray } from '../../src/importers/cifar10/pickledValues.js';
import { cifarRecords, pickledBatch } from '../makeArchives.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');

test('a batch is read as its labels and its array', () => {
  const records = cifarRecords(3).test_batch ?? [];
  const batch = readPickle(pickledBatch('test_batch', records), 'x') as Map<string, unknown>;
  expect([...batch.keys()]).toEqual(['batch_label', 'labels', 'data', 'filenames']);
  expect(batch.get('labels')).toEqual(records.map(({ label }) => label));
  const data = batch.get('data') as PickledArray;
  expect(data).toBeInstanceOf(PickledArray);
  expect(data.shape).toEqual([3, 3072]);
  expect(data.data).toEqual(Buffer.concat(records.map(({ planes }) => planes)));
});

test.each([
  ['names os.system', latin1('\x80\x02cos\nsystem\nU\x02ls\x85R.'), 'os system'],
  ['names a builtin', latin1('\x80\x02c__builtin__\neval\n.'), '__builtin__ eval'],
  ['uses an opcode that batches do not have', latin1('\x80\x02I42\n.'), 'opcode "I"'],
  ['has protocol 6', latin1('\x80\x06N.'), 'protocol 6'],
  ['is cut short', latin1('\x80\x02U\x10abc'), 'ends too early'],
  ['pops an empty stack', latin1('\x80\x02a'), 'stack is empty'],
  ['recalls what it never stored', latin1('\x80\x02h\x07.'), 'slot 7'],
  ['calls a dictionary', latin1('\x80\x02})R.'), 'not data'],
  ['fills the memory with empty lists', Buffer.concat([latin1('\x80\x02]'), Buffer.alloc(2_000_002, ']a')]), 'values'],
])('a pickle that %s is refused', (_, bytes, reason) => {
  expect(() => readPickle(bytes, 'evil')).toThrow(InvalidInputError);
  expect(() => readPickle(bytes, 'evil')).toThrow(reason);
});
