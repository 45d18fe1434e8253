import {
  type DataType,
  type Executor,
  type Op,
  type OpKind,
  type OpOf,
  ops,
  type Program,
  type Slot,
  type SlotData,
} from '@trainyard/program';

/** A slot of an op under test. */
export interface Operand {
  shape: readonly number[];
  dtype: DataType;
  /** Of a feed: all steps' values, one after the other; of a slot that is only written: none. */
  values: SlotData | null;
  role: 'persistent' | 'feed';
}

type SlotsOf<O, Name extends string> = O extends Record<Name, infer Slots> ? Slots : Record<never, never>;
type OperandsOf<Slots> = { [S in keyof Slots]: null extends Slots[S] ? Operand | null : Operand };
type SettingsOf<O> = { [S in Exclude<keyof O, 'kind' | 'in' | 'out' | 'update'>]: O[S] };

/** An op of one kind with its operands and settings. */
export interface OpCase<K extends OpKind> {
  title: string;
  in: OperandsOf<SlotsOf<OpOf<K>, 'in'>>;
  out: OperandsOf<SlotsOf<OpOf<K>, 'out'>>;
  update: OperandsOf<SlotsOf<OpOf<K>, 'update'>>;
  settings: SettingsOf<OpOf<K>>;
}

/** Number of steps for which feeds have values; in the second, ops that update read their own results. */
export const steps = 2;

/** A program that consists of the op. Slots are named by operand, e.g. `in/x`. */
export function oneOpProgram<K extends OpKind>(kind: K, testCase: OpCase<K>): Program {
  const slots: Slot[] = [];
  const groups = ['in', 'out', 'update'] as const;
  const op: Record<string, unknown> = { kind, ...testCase.settings };
  for (const group of groups) {
    const ids = operandsOf(testCase[group]).map(([name, operand]): [string, number | null] => {
      if (operand === null) return [name, null];
      const { shape, dtype, role } = operand;
      const id = slots.length;
      slots.push({ id, name: `${group}/${name}`, shape, dtype, role, viewOf: null, initializer: null });
      return [name, id];
    });
    if (ids.length > 0) op[group] = Object.fromEntries(ids);
  }
  return { name: kind, slots, ops: [op as unknown as Op] };
}

/**
 * The same, with a copy of one input in a slot that only the op reads, and the op's output in another, so that a memory
 * plan places both in the same bytes. Null where the op may not write its output over this input.
 */
export function inPlaceProgram<K extends OpKind>(kind: K, testCase: OpCase<K>, input: string): Program | null {
  const program = oneOpProgram(kind, testCase);
  const rule = ops[kind].inPlace;
  const [op] = program.ops as unknown as [Record<'in' | 'out', Record<string, number>>];
  const [read, written] = [op.in[input], rule && op.out[rule.out]];
  if (!rule?.over.includes(input) || read === undefined || typeof written !== 'number') return null;
  const slots = [...program.slots];
  const like = (id: number, name: string, role: Slot['role']) => {
    slots.push({ ...(slots[id] as Slot), id: slots.length, name, role });
    return slots.length - 1;
  };
  const zero = like(read, 'zero', 'persistent');
  const [copy, result] = [like(read, 'copy', 'transient'), like(written, 'result', 'transient')];
  const inner = { ...op, in: { ...op.in, [input]: copy }, out: { ...op.out, [rule.out]: result } } as unknown as Op;
  const padded: Op[] = [
    { kind: 'add', in: { a: read, b: zero }, out: { y: copy } },
    inner,
    { kind: 'add', in: { a: result, b: zero }, out: { y: written } },
  ];
  return { name: `${kind} over ${input}`, slots, ops: padded };
}

/** The values of all slots that the op writes and updates, after the steps, by slot name. */
export async function runOneOp<K extends OpKind>(
  executor: Executor,
  kind: K,
  testCase: OpCase<K>,
  source = oneOpProgram(kind, testCase),
): Promise<Map<string, SlotData>> {
  const session = await executor.openSession();
  try {
    const program = await session.load(source);
    const feeds: Record<string, SlotData> = {};
    for (const group of ['in', 'update'] as const) {
      for (const [name, operand] of operandsOf(testCase[group])) {
        if (!operand?.values) continue;
        if (operand.role === 'feed') feeds[`${group}/${name}`] = operand.values;
        else await session.write(`${group}/${name}`, operand.values);
      }
    }
    await program.run(steps, feeds);
    const results = new Map<string, SlotData>();
    for (const group of ['out', 'update'] as const) {
      for (const [name, operand] of operandsOf(testCase[group])) {
        if (operand !== null) results.set(`${group}/${name}`, await session.read(`${group}/${name}`));
      }
    }
    return results;
  } finally {
    await session.close();
  }
}

const operandsOf = (operands: object): [string, Operand | null][] => Object.entries(operands);
