#!/usr/bin/env python3
"""The peer of `npm run bench`: the presets and two networks more in PyTorch, trained on random images, and timed.

Prints one JSON object: model, batch, mode, device, dtype, channels_last, threads, torch, steps, ms_per_step (the median
of --repeats timings of --steps steps each), images_per_second, and peak_bytes (the process's largest resident memory).

Modes
  article     what a tutorial does: ToTensor and Normalize image by image (torchvision's steps written out, so that it
              is not needed; needs numpy and Pillow), a DataLoader with SubsetRandomSampler and no workers, loss.item()
  resident    the strong eager peer: the whole set in memory as uint8, a batch gathered by index and normalised as
              one tensor, no synchronisation with the host inside the loop
  compiled    resident under torch.compile (since PyTorch 2.0); the warm-up compiles
"""
import argparse
import json
import os
import re
import resource
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class Lenet(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Conv2d(3, 6, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(400, 120), nn.ReLU(inplace=True), nn.Linear(120, 84), nn.ReLU(inplace=True), nn.Linear(84, 10))


class Cnn3(nn.Sequential):
    def __init__(self):
        blocks = []
        for i, o in ((3, 16), (16, 32), (32, 64)):
            blocks += [nn.Conv2d(i, o, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
        super().__init__(
            *blocks, nn.Flatten(), nn.Linear(1024, 512), nn.ReLU(inplace=True), nn.Dropout(.5),
            nn.Linear(512, 64), nn.ReLU(inplace=True), nn.Dropout(.5), nn.Linear(64, 10))


class Vgg6(nn.Sequential):
    def __init__(self):
        blocks = []
        for n, (i, m, o) in enumerate(((3, 32, 64), (64, 128, 128), (128, 256, 256))):
            blocks += [nn.Conv2d(i, m, 3, padding=1), nn.BatchNorm2d(m), nn.ReLU(inplace=True),
                       nn.Conv2d(m, o, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2)]
            if n == 1:
                blocks.append(nn.Dropout2d(.05))
        super().__init__(
            *blocks, nn.Flatten(), nn.Dropout(.1), nn.Linear(4096, 1024), nn.ReLU(inplace=True),
            nn.Linear(1024, 512), nn.ReLU(inplace=True), nn.Dropout(.1), nn.Linear(512, 10))


class Airbench94(nn.Module):
    """The network of the airbench94 recipe (speed only: its whitening filters are random here)."""

    def __init__(self):
        super().__init__()
        self.whiten = nn.Conv2d(3, 24, 2)
        self.whiten.weight.requires_grad = False
        groups = []
        for i, o in ((24, 64), (64, 256), (256, 256)):
            a, b = nn.BatchNorm2d(o), nn.BatchNorm2d(o)
            a.weight.requires_grad = b.weight.requires_grad = False
            groups += [nn.Conv2d(i, o, 3, padding=1, bias=False), nn.MaxPool2d(2), a, nn.GELU(),
                       nn.Conv2d(o, o, 3, padding=1, bias=False), b, nn.GELU()]
        self.groups = nn.Sequential(*groups)
        self.head = nn.Linear(256, 10, bias=False)

    def forward(self, x):
        x = self.groups(F.gelu(self.whiten(x)))
        return self.head(F.max_pool2d(x, 3).flatten(1)) / 9


def conv(i, o, kernel=3):
    return nn.Conv2d(i, o, kernel, padding=kernel // 2, bias=False)


class DenseLayer(nn.Sequential):
    def __init__(self, i):
        super().__init__(nn.BatchNorm2d(i), nn.ReLU(inplace=True), conv(i, 12))

    def forward(self, x):
        return torch.cat((x, super().forward(x)), 1)


class Densenet(nn.Sequential):
    """As in bench/src/training/networks.ts."""

    def __init__(self):
        layers, width = [conv(3, 24)], 24
        for narrow in (48, 60, None):
            layers += [DenseLayer(width + 12 * n) for n in range(4)]
            width += 48
            layers += [nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
            if narrow:
                layers += [conv(width, narrow, 1), nn.AvgPool2d(2)]
                width = narrow
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))


class SeBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(
            conv(width, width), nn.BatchNorm2d(width), nn.ReLU(inplace=True), conv(width, width), nn.BatchNorm2d(width))
        self.factors = nn.Sequential(
            nn.Linear(width, width // 8), nn.ReLU(inplace=True), nn.Linear(width // 8, width), nn.Sigmoid())

    def forward(self, x):
        y = self.body(x)
        return F.relu(x + y * self.factors(y.mean((2, 3)))[:, :, None, None], inplace=True)


class Senet(nn.Sequential):
    """As in bench/src/training/networks.ts."""

    def __init__(self):
        layers, width = [], 3
        for i, o in enumerate((32, 64, 128)):
            layers += [conv(width, o), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
            layers += [nn.MaxPool2d(2)] if i else []
            layers += [SeBlock(o), SeBlock(o)]
            width = o
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))


MODELS = {"lenet": Lenet, "cnn3": Cnn3, "vgg6": Vgg6, "airbench94": Airbench94, "densenet": Densenet, "senet": Senet}


class OneByOne(torch.utils.data.Dataset):
    def __init__(self, images, labels):
        self.images, self.labels = images, labels

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        picture = Image.fromarray(self.images[i])
        x = torch.from_numpy(np.array(picture, np.uint8, copy=True)).permute((2, 0, 1)).contiguous()
        x = x.to(dtype=torch.float32).div(255).clone()
        mean = torch.as_tensor((.5, .5, .5), dtype=x.dtype).view(-1, 1, 1)
        std = torch.as_tensor((.5, .5, .5), dtype=x.dtype).view(-1, 1, 1)
        return x.sub_(mean).div_(std), int(self.labels[i])


def peak_bytes():
    try:
        with open("/proc/self/status") as status:
            return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1]) * 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", choices=MODELS, default="lenet")
    p.add_argument("--batch", type=int, default=20)
    p.add_argument("--mode", choices=("article", "resident", "compiled"), default="resident")
    p.add_argument("--device", default="cpu")
    p.add_argument("--dtype", choices=("fp32", "tf32", "bf16"), default="fp32")
    p.add_argument("--channels-last", action="store_true")
    p.add_argument("--threads", type=int, default=0, help="0: as many as there are processors")
    p.add_argument("--steps", type=int, default=50)
    p.add_argument("--warmup", type=int, default=5)
    p.add_argument("--repeats", type=int, default=5)
    p.add_argument("--images", type=int, default=10000)
    a = p.parse_args()
    if a.threads or a.device == "cpu":
        torch.set_num_threads(a.threads or os.cpu_count())
    if a.dtype == "tf32":
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    else:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(0)
    images = torch.randint(0, 256, (a.images, 32, 32, 3), dtype=torch.uint8)
    labels = torch.randint(0, 10, (a.images,))

    memory = torch.channels_last if a.channels_last else torch.contiguous_format
    model = MODELS[a.model]().to(a.device, memory_format=memory)
    model.train()
    optimizer = torch.optim.SGD([w for w in model.parameters() if w.requires_grad], lr=1e-3)
    criterion = nn.CrossEntropyLoss()

    def forward(x, y):
        if a.dtype == "bf16":
            with torch.autocast(a.device.split(":")[0], dtype=torch.bfloat16):
                return criterion(model(x), y)
        return criterion(model(x), y)

    loss_of = torch.compile(forward) if a.mode == "compiled" else forward

    def step(x, y):
        optimizer.zero_grad()
        loss = loss_of(x, y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    if a.mode == "article":
        global Image, np
        import numpy as np
        from PIL import Image
        sampler = torch.utils.data.sampler.SubsetRandomSampler(list(range(a.images)))
        loader = torch.utils.data.DataLoader(
            OneByOne(images.numpy(), labels), batch_size=a.batch, sampler=sampler, num_workers=0, drop_last=True)

        def batches():
            while True:
                yield from loader

        feed, total = batches(), [0.0]

        def run(n):
            for _ in range(n):
                x, y = next(feed)
                total[0] += step(x.to(a.device), y.to(a.device)).item() * x.size(0)
    else:
        resident = images.to(a.device)
        target = labels.to(a.device)
        total = torch.zeros((), device=a.device)

        def run(n):
            for _ in range(n):
                index = torch.randint(0, a.images, (a.batch,), device=a.device)
                x = resident[index].permute(0, 3, 1, 2).to(torch.float32, memory_format=memory)
                total.add_(step(x.div_(127.5).sub_(1), target[index]))

    def timed(n):
        if a.device != "cpu":
            torch.cuda.synchronize()
        t = time.perf_counter()
        run(n)
        if a.device != "cpu":
            torch.cuda.synchronize()
        return (time.perf_counter() - t) / n

    timed(a.warmup)
    seconds = sorted(timed(a.steps) for _ in range(a.repeats))[a.repeats // 2]
    json.dump({"model": a.model, "batch": a.batch, "mode": a.mode, "device": a.device, "dtype": a.dtype,
               "channels_last": a.channels_last, "threads": torch.get_num_threads(), "torch": torch.__version__,
               "steps": a.steps, "ms_per_step": round(seconds * 1e3, 3),
               "images_per_second": round(a.batch / seconds, 1), "peak_bytes": peak_bytes()}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
