import type { Model } from '@trainyard/architectures';
import type { InputType } from '@trainyard/contracts';
import { fileOf } from '../protobuf.js';
import { normalizedInput, type Provenance } from '../provenance.js';
import type { NamedTensor } from '../tensor.js';
import { GraphBuilder } from './graphBuilder.js';
import { addLayer, channelsFirst } from './layers.js';
import { modelProto, toFloat, type Value } from './messages.js';

/** Names of the input and of the outputs, the same for every model. */
const imagesName = 'images';
const logitsName = 'logits';
const probabilitiesName = 'probabilities';

/** Name of the dimension that is free. */
const batch = 'batch';

const inputs: Record<InputType, string> = {
  float32: normalizedInput,
  uint8: 'pixels, 0 to 255; [batch, height, width, channels]',
};

/**
 * The parts of an ONNX file (operators of version 17) that computes the logits and the probabilities of the classes
 * from images `[batch, height, width, channels]`. With `uint8`, the normalisation is part of the model.
 * @param weights every weight of the model, as checkpoints have them
 * @throws Error when one of the weights is missing
 */
export function encodeOnnx(
  model: Model,
  weights: readonly NamedTensor[],
  from: Provenance,
  input: InputType,
): Uint8Array[] {
  const graph = new GraphBuilder(weights);
  const normalized = input === 'uint8' ? addNormalization(graph, from) : imagesName;
  const maps = graph.node('Transpose', 'channels_first', [normalized], [channelsFirst]);
  const end = model.layers.reduce((x, layer) => addLayer(graph, x, layer), maps);
  const logits = graph.node('Identity', logitsName, [end]);
  graph.node('Softmax', probabilitiesName, [logits]);

  const images: Value = { name: imagesName, type: input, shape: [batch, ...model.inputShape] };
  const outputs = [logitsName, probabilitiesName].map(
    (name): Value => ({ name, type: 'float32', shape: [batch, model.classes] }),
  );
  const { nodes, initializers } = graph;
  const proto = { name: model.name, nodes, initializers, inputs: [images], outputs };
  return fileOf(modelProto(proto, { name: 'Trainyard', version: from.codeVersion }, metadataOf(from, input)));
}

/** (pixels - 255 mean) / (255 std) of pixels `[batch, height, width, channels]`. */
function addNormalization(graph: GraphBuilder, { normalization: { mean, std } }: Provenance): string {
  const scaled = (values: readonly number[]) => values.map((value) => 255 * value);
  const pixels = graph.node('Cast', 'pixels', [imagesName], [toFloat]);
  const centred = graph.node('Sub', 'centred', [pixels, graph.constant('mean', scaled(mean))]);
  return graph.node('Div', 'normalized', [centred, graph.constant('std', scaled(std))]);
}

/** For people and for preprocessing; ONNX allows only strings. */
const metadataOf = (from: Provenance, input: InputType): Record<string, string> => ({
  jobId: from.jobId,
  attempt: String(from.attempt),
  epoch: String(from.cursor.epoch),
  dataset: JSON.stringify({ name: from.dataset.name, version: from.dataset.version }),
  classes: JSON.stringify(from.dataset.classes),
  inputShape: JSON.stringify(from.inputShape),
  normalization: JSON.stringify(from.normalization),
  input: inputs[input],
  output: 'logits and probabilities in the order of classes',
});
