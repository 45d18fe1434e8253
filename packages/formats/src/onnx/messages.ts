import { bytes, type Field, float, integer, message, text } from '../protobuf.js';
import { bytesOf, type NamedTensor } from '../tensor.js';

/** The messages of ONNX (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) that a classifier needs. */

/** The version of the file format that came with the operators of this version. */
const irVersion = 8;
const opsetVersion = 17;

const dataTypes = { float32: 1, uint8: 2 };
const attributeTypes = { float: 1, integer: 2, integers: 7 };

/** An attribute of a node: the field of a NodeProto. */
export type Attribute = Field;
const attribute = (name: string, type: keyof typeof attributeTypes, value: readonly Field[]): Attribute =>
  message(5, [text(1, name), ...value, integer(20, attributeTypes[type])]);

export const floatAttribute = (name: string, value: number) => attribute(name, 'float', [float(2, value)]);
export const integerAttribute = (name: string, value: number) => attribute(name, 'integer', [integer(3, value)]);
export const integersAttribute = (name: string, values: readonly number[]) =>
  attribute(
    name,
    'integers',
    values.map((value) => integer(8, value)),
  );

/** Of a Cast. */
export const toFloat = integerAttribute('to', dataTypes.float32);

export interface Node {
  /** Unique in the graph. */
  name: string;
  op: string;
  inputs: readonly string[];
  output: string;
  attributes: readonly Attribute[];
}

/** The type of an input or output. */
export interface Value {
  name: string;
  type: keyof typeof dataTypes;
  /** A name is that of a dimension which is free. */
  shape: readonly (number | string)[];
}

export interface Graph {
  name: string;
  nodes: readonly Node[];
  initializers: readonly NamedTensor[];
  inputs: readonly Value[];
  outputs: readonly Value[];
}

const nodeProto = ({ name, op, inputs, output, attributes }: Node): Field =>
  message(1, [...inputs.map((input) => text(1, input)), text(2, output), text(3, name), text(4, op), ...attributes]);

const tensorProto = (tensor: NamedTensor): Field =>
  message(5, [
    ...tensor.shape.map((size) => integer(1, size)),
    integer(2, dataTypes.float32),
    text(8, tensor.name),
    bytes(9, bytesOf(tensor)),
  ]);

const valueProto = (number: number, { name, type, shape }: Value): Field => {
  const sizes = shape.map((size) => message(1, [typeof size === 'number' ? integer(1, size) : text(2, size)]));
  const tensorType = message(1, [integer(1, dataTypes[type]), message(2, sizes)]);
  return message(number, [text(1, name), message(2, [tensorType])]);
};

const graphProto = ({ name, nodes, initializers, inputs, outputs }: Graph): Field =>
  message(7, [
    ...nodes.map(nodeProto),
    text(2, name),
    ...initializers.map(tensorProto),
    ...inputs.map((value) => valueProto(11, value)),
    ...outputs.map((value) => valueProto(12, value)),
  ]);

/** @param producer the name and version of the program that writes the file */
export const modelProto = (
  graph: Graph,
  producer: { name: string; version: string },
  metadata: Record<string, string>,
): Field[] => [
  integer(1, irVersion),
  text(2, producer.name),
  text(3, producer.version),
  graphProto(graph),
  message(8, [text(1, ''), integer(2, opsetVersion)]),
  ...Object.entries(metadata).map(([key, value]) => message(14, [text(1, key), text(2, value)])),
];
