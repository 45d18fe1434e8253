import type { SlotId } from '../slots.js';

/**
 * How an op is declared: as a value, from which the op's TypeScript type is derived here and its C++ struct by
 * executor-native/src/opsHeader.ts.
 */

/** `slot`: the op always has it; `optional`: null in programs that do without. */
export type OperandDeclaration = 'slot' | 'optional';
export type OperandDeclarations = Readonly<Record<string, OperandDeclaration>>;
export type NoOperands = Readonly<Record<never, OperandDeclaration>>;

/** A field of an op: all that is known when the program is built. `name` is the name of the type, in C++ too. */
export type FieldDeclaration =
  | { readonly type: 'number' | 'integer' | 'boolean' }
  /** `[height, width]`, integers. */
  | { readonly type: 'pair' }
  /** Numbers, as many as there are channels. */
  | { readonly type: 'list' }
  | { readonly type: 'enum'; readonly name: string; readonly values: readonly string[] }
  | { readonly type: 'record'; readonly name: string; readonly fields: FieldDeclarations }
  | { readonly type: 'nullable'; readonly of: FieldDeclaration };
export type FieldDeclarations = { readonly [Name in string]: FieldDeclaration };
export type NoFields = { readonly [Name in never]: FieldDeclaration };

/** The output that an op may write over one of its inputs; see `op`. */
export interface InPlace<Input, Output> {
  out: Output;
  /** The first of them that may be overwritten is. */
  over: readonly Input[];
}

export interface OpDeclaration<
  In extends OperandDeclarations = OperandDeclarations,
  Out extends OperandDeclarations = OperandDeclarations,
  Update extends OperandDeclarations = OperandDeclarations,
  Fields extends FieldDeclarations = FieldDeclarations,
> {
  /** Slots that the op reads. */
  in: In;
  /** Slots that the op writes whole without reading them. */
  out: Out;
  /** Persistent slots that the op reads and writes in place. */
  update: Update;
  fields: Fields;
  inPlace: InPlace<string, string> | null;
}
export type OpTable = Readonly<Record<string, OpDeclaration>>;

/**
 * Declares an op.
 *
 * `inPlace` names an output that may be written over one of the inputs, where that input is read for the last time: a
 * plan of memory then places both in the same bytes. It may be declared only if the op is right on every executor when
 * the two are the same memory, which test/conformance checks: element i of the output depends on element i of these
 * inputs, or is written after all that depends on that element was read.
 */
export function op<
  const In extends OperandDeclarations,
  const Out extends OperandDeclarations = NoOperands,
  const Update extends OperandDeclarations = NoOperands,
  const Fields extends FieldDeclarations = NoFields,
>(declaration: {
  in: In;
  out?: Out;
  update?: Update;
  fields?: Fields;
  inPlace?: InPlace<keyof In & string, keyof Out & string>;
}): OpDeclaration<In, Out, Update, Fields> {
  const { out, update, fields, inPlace } = declaration;
  return {
    in: declaration.in,
    // Where a group is absent its type parameter is the empty default.
    out: out ?? ({} as Out),
    update: update ?? ({} as Update),
    fields: fields ?? ({} as Fields),
    inPlace: inPlace ?? null,
  };
}

export const number = { type: 'number' } as const;
export const integer = { type: 'integer' } as const;
export const boolean = { type: 'boolean' } as const;
export const pair = { type: 'pair' } as const;
export const list = { type: 'list' } as const;

export const oneOf = <const Name extends string, const Values extends readonly string[]>(name: Name, values: Values) =>
  ({ type: 'enum', name, values }) as const;

export const record = <const Name extends string, const Fields extends FieldDeclarations>(name: Name, fields: Fields) =>
  ({ type: 'record', name, fields }) as const;

export const nullable = <const Of extends FieldDeclaration>(of: Of) => ({ type: 'nullable', of }) as const;

/** The TypeScript type of a field's values. */
export type ValueOf<Field> = Field extends { type: 'number' | 'integer' }
  ? number
  : Field extends { type: 'boolean' }
    ? boolean
    : Field extends { type: 'pair' }
      ? readonly [number, number]
      : Field extends { type: 'list' }
        ? readonly number[]
        : Field extends { type: 'enum'; values: readonly (infer Value)[] }
          ? Value
          : Field extends { type: 'record'; fields: infer Fields }
            ? ValuesOf<Fields>
            : Field extends { type: 'nullable'; of: infer Of }
              ? ValueOf<Of> | null
              : never;
export type ValuesOf<Fields> = { [Name in keyof Fields]: ValueOf<Fields[Name]> };

type SlotsOf<Operands> = { [Name in keyof Operands]: Operands[Name] extends 'optional' ? SlotId | null : SlotId };
/** An op that writes or updates nothing lacks the group. */
type Group<Name extends string, Operands> = keyof Operands extends never
  ? unknown
  : { [Group in Name]: SlotsOf<Operands> };
type Flat<T> = { [Key in keyof T]: T[Key] };

/** The ops of a table, by kind. */
export type OpsOf<Table extends OpTable> = {
  [Kind in keyof Table]: Flat<
    { kind: Kind; in: SlotsOf<Table[Kind]['in']> } & Group<'out', Table[Kind]['out']> &
      Group<'update', Table[Kind]['update']> &
      ValuesOf<Table[Kind]['fields']>
  >;
};

/** An op of any table, for code that needs only its kind and operands. */
export interface AnyOp {
  readonly kind: string;
  readonly in: Readonly<Record<string, SlotId | null>>;
  readonly out?: Readonly<Record<string, SlotId | null>>;
  readonly update?: Readonly<Record<string, SlotId | null>>;
}
