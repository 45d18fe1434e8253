#!/usr/bin/env python3
"""Trains a preset on a packed dataset by the recipe `small`, in PyTorch: the peer of a job on a small set.

  python3 bench/torch/small.py SET.packed --model lenet --batch 16 --epochs 200 --rate 0.01 --seeds 1,2,3

Prints one JSON object a seed: accuracy on the test images after the last epoch, and seconds of training (the data in
memory, without imports). The optimiser, schedule, augmentation, loss, share of validation images (left out of the
training) and number of steps are those of the recipe; random draws are PyTorch's. Needs torch and numpy.
"""
import argparse
import json
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


def read_packed(file):
    """Images uint8 [n, channels, height, width] and labels of both splits, and the moments of the training images."""
    with open(file, 'rb') as stream:
        prefix = stream.read(16)
        header = json.loads(stream.read(int.from_bytes(prefix[12:16], 'little')))
    dataset = header['dataset']
    data = {}
    for split in ('train', 'test'):
        images, labels = header[split]['images'], header[split]['labels']
        pixels = np.fromfile(file, np.uint8, images['bytes'], offset=images['offset'])
        pixels = pixels.reshape(-1, *dataset['imageShape']).transpose(0, 3, 1, 2).copy()
        classes = np.fromfile(file, '<i4', labels['bytes'] // 4, offset=labels['offset']).astype(np.int64)
        data[split] = torch.from_numpy(pixels), torch.from_numpy(classes)
    moments = [torch.tensor(dataset[key]).view(1, -1, 1, 1) for key in ('mean', 'std')]
    return data, moments, len(dataset['classes'])


def pools(side):
    """The pools of 2x2 behind the first and the second pool of a preset for 32x32 images."""
    more = int(np.log2(side / 32))
    return (more + 1) // 2, more // 2


def lenet(channels, side, classes):
    first, second = (nn.Sequential(*[nn.MaxPool2d(2)] * (1 + count)) for count in pools(side))
    return nn.Sequential(
        nn.Conv2d(channels, 6, 5), nn.ReLU(), first, nn.Conv2d(6, 16, 5), nn.ReLU(), second,
        nn.AdaptiveAvgPool2d(5), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, classes))


def cnn3(channels, side, classes):
    more = [*pools(side), 0]
    blocks = []
    for (i, o), count in zip(((channels, 16), (16, 32), (32, 64)), more):
        blocks += [nn.Conv2d(i, o, 3, padding=1), nn.ReLU(), *[nn.MaxPool2d(2)] * (1 + count)]
    return nn.Sequential(
        *blocks, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(1024, 512), nn.ReLU(), nn.Dropout(.5),
        nn.Linear(512, 64), nn.ReLU(), nn.Dropout(.5), nn.Linear(64, classes))


def convolution(i, o, stride):
    return nn.Sequential(nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU())


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(convolution(width, width, 1), *convolution(width, width, 1)[:2])

    def forward(self, x):
        return F.relu(x + self.layers(x))


def resnet_photo(channels, side, classes):
    groups = [layer for i, o, stride in ((24, 48, 1), (48, 96, 2), (96, 192, 2))
              for layer in (convolution(i, o, stride), Residual(o))]
    return nn.Sequential(convolution(channels, 24, 2), nn.MaxPool2d(2), *groups,
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(192, classes))


models = {'lenet': lenet, 'cnn3': cnn3, 'resnet-photo': resnet_photo}


def stratified(labels, share, generator):
    """Indices of the training images: of each class all but a share."""
    kept = []
    for label in labels.unique():
        own = (labels == label).nonzero().flatten()
        own = own[torch.randperm(len(own), generator=generator)]
        kept.append(own[round(share * len(own)):])
    return torch.cat(kept)


def shifted_and_mirrored(images, shift):
    """Each image shifted by up to `shift` pixels, reflected at its border, and mirrored or not."""
    padded = F.pad(images, [shift] * 4, mode='reflect')
    side = images.shape[2:]
    offsets = torch.randint(0, 2 * shift + 1, (len(images), 2)).tolist()
    cut = torch.stack([image[:, y:y + side[0], x:x + side[1]] for image, (y, x) in zip(padded, offsets)])
    mirrored = torch.rand(len(cut)) < 0.5
    cut[mirrored] = cut[mirrored].flip(3)
    return cut


def rate_at(step, steps, rate):
    """Rises from a fifth of the rate over the first fifth of the steps, then falls to zero."""
    peak = int(0.2 * steps)
    return rate * (0.2 + 0.8 * step / peak if step < peak else 1 - (step - peak) / (steps - peak))


def train(options, seed):
    torch.manual_seed(seed)
    data, (mean, std), classes = read_packed(options.file)
    (images, labels), (test_images, test_labels) = data['train'], data['test']
    share = options.validation if options.validation is not None else 0.2 if len(labels) < 50 else 0.1
    kept = stratified(labels, share, torch.Generator().manual_seed(seed))
    images, labels = (images[kept].float() / 255 - mean) / std, labels[kept]
    side = min(images.shape[2:])
    model = models[options.model](images.shape[1], side, classes)
    optimizer = torch.optim.SGD(model.parameters(), options.rate, momentum=.9, nesterov=True, weight_decay=5e-4)
    steps_per_epoch = len(labels) // options.batch
    steps = steps_per_epoch * options.epochs
    start = time.perf_counter()
    for epoch in range(options.epochs):
        order = torch.randperm(len(labels))
        for i in range(steps_per_epoch):
            chosen = order[i * options.batch:(i + 1) * options.batch]
            optimizer.param_groups[0]['lr'] = rate_at(epoch * steps_per_epoch + i, steps, options.rate)
            batch = shifted_and_mirrored(images[chosen], max(1, round(side / 16)))
            loss = F.cross_entropy(model(batch), labels[chosen], label_smoothing=.1)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    seconds = time.perf_counter() - start
    model.eval()
    with torch.no_grad():
        hits = sum((model((x.float() / 255 - mean) / std).argmax(1) == y).sum().item()
                   for x, y in zip(test_images.split(250), test_labels.split(250)))
    print(json.dumps({'model': options.model, 'seed': seed, 'steps': steps, 'seconds': round(seconds, 1),
                      'accuracy': round(hits / len(test_labels), 4), 'torch': torch.__version__}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('file')
    parser.add_argument('--model', choices=models, default='lenet')
    parser.add_argument('--batch', type=int, required=True)
    parser.add_argument('--epochs', type=int, required=True)
    parser.add_argument('--rate', type=float, required=True)
    parser.add_argument('--validation', type=float, help='share of the training images; default: as the recipe')
    parser.add_argument('--seeds', default='1')
    parser.add_argument('--threads', type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    for seed in options.seeds.split(','):
        train(options, int(seed))


if __name__ == '__main__':
    main()
