import type { Model } from '@trainyard/architectures';
import type { Provenance } from '../provenance.js';
import { layerCode } from './layers.js';

/** Name of the file of weights that `modeling.py` reads. */
export const weightsName = 'model.safetensors';

/** A list of numbers or strings in Python, where these are as in JSON. */
const python = (values: readonly (number | string)[]) => `[${values.map((one) => JSON.stringify(one)).join(', ')}]`;

const indented = (lines: readonly string[]) => lines.map((line) => `        ${line}\n`).join('');

/** `modeling.py`: the network in PyTorch, and functions that load its weights and normalise pixels. */
export function modelingCode(model: Model, from: Provenance): string {
  const codes = model.layers.map((_, at) => layerCode(model.layers, at));
  const [height, width, channels] = model.inputShape;
  return `"""The network of ${from.jobId} after epoch ${from.cursor.epoch}, written by Trainyard ${from.codeVersion}.

    from modeling import CLASSES, load, normalize
    network = load()                          # the weights of ${weightsName} in this folder
    logits = network(normalize(pixels))       # pixels: bytes [batch, height, width, channels]
"""
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

CLASSES = ${python(from.dataset.classes)}
INPUT_SHAPE = (${channels}, ${height}, ${width})
MEAN = ${python(from.normalization.mean)}
STD = ${python(from.normalization.std)}


class Network(nn.Module):
    """Normalised images [batch, channels, height, width] -> logits [batch, classes]"""

    def __init__(self):
        super().__init__()
${indented(codes.flatMap(({ modules }) => modules))}
    def forward(self, x):
${indented([...codes.flatMap(({ forward }) => forward), 'return x'])}

def load(file=Path(__file__).with_name("${weightsName}")):
    """The trained network, ready to predict."""
    network = Network()
    network.load_state_dict(load_file(file))
    return network.eval()


def normalize(pixels):
    """Bytes [batch, height, width, channels] -> the input of the network"""
    x = (pixels.float() / 255 - torch.tensor(MEAN)) / torch.tensor(STD)
    return x.permute(0, 3, 1, 2)
`;
}
