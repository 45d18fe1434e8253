import { elementCount } from '@trainyard/architectures';
import type { NamedTensor } from '../tensor.js';
import type { Attribute, Node } from './messages.js';

/** The nodes of a graph in the order in which they run, and the tensors that they read. */
export class GraphBuilder {
  readonly nodes: Node[] = [];
  readonly #initializers = new Map<string, NamedTensor>();
  readonly #weights: ReadonlyMap<string, NamedTensor>;

  constructor(weights: readonly NamedTensor[]) {
    this.#weights = new Map(weights.map((weight) => [weight.name, weight]));
  }

  get initializers(): NamedTensor[] {
    return [...this.#initializers.values()];
  }

  /** @param name unique in the graph; that of the node and of its output. @returns it */
  node(op: string, name: string, inputs: readonly string[], attributes: readonly Attribute[] = []): string {
    this.nodes.push({ name, op, inputs, output: name, attributes });
    return name;
  }

  /** A weight of the model as an input of a node. @throws Error when there is none of this name */
  weight(name: string, change: (weight: NamedTensor) => NamedTensor = (weight) => weight): string {
    const weight = this.#weights.get(name);
    if (!weight) throw new Error(`the model has no weight ${name}`);
    return this.#add(change(weight));
  }

  constant(name: string, values: readonly number[], shape: readonly number[] = [values.length]): string {
    if (elementCount(shape) !== values.length) throw new Error(`${name} does not have the shape [${shape}]`);
    return this.#add({ name, shape: [...shape], dtype: 'F32', data: Float32Array.from(values) });
  }

  scalar(name: string, value: number): string {
    return this.constant(name, [value], []);
  }

  #add(tensor: NamedTensor): string {
    this.#initializers.set(tensor.name, tensor);
    return tensor.name;
  }
}
