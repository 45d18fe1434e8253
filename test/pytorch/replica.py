"""Trains jobs of Trainyard in PyTorch, and prints one JSON object a line for each: what replica.ts compares.

Usage: replica.py FOLDER...   Each folder has
  spec.json           the complete spec, as the service answers it
  draws.safetensors   what the seed decides: split/train and split/validation (indices), order/0, order/1, ... (the
                      images of each epoch in order), weights/<name> (the first values, as in a checkpoint)
  ../images.safetensors  train/images and test/images [n, height, width, channels] as bytes, train/labels, test/labels

It follows the documentation of the spec and shares no code with the trainer: layers, losses, optimisers and schedules
are PyTorch's own. Dropout and augmentation are left out: their draws are the service's own.
"""
import json
import math
import os
import sys
from fnmatch import fnmatchcase

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}


def pad_same(x, kernel, stride):
    """TensorFlow's `same`: as many outputs as steps of the stride fit; the odd pixel lies below and on the right."""
    pads = []
    for size, k, s in zip(x.shape[2:], kernel, stride):
        total = max((math.ceil(size / s) - 1) * s + k - size, 0)
        pads = [total // 2, total - total // 2] + pads
    return F.pad(x, pads)


KINDS = ("kernel", "bias", "gamma", "beta")


def matches(pattern, name):
    """Whether a pattern, or a kind of weights, names a weight `layer/kind`."""
    layer, _, kind = ("*/" + pattern if pattern in KINDS else pattern).partition("/")
    of_layer, of_kind = name.split("/")
    return fnmatchcase(of_layer, layer) and fnmatchcase(of_kind, kind or "*")


class Network:
    def __init__(self, layers, weights, freeze):
        self.layers, self.weights, self.freeze = layers, weights, freeze
        self.trained = {name: w.requires_grad_() for name, w in weights.items()
                        if "moving" not in name and not self.is_frozen(name)}

    def is_frozen(self, name):
        naming = [pattern for pattern in self.freeze if matches(pattern.removeprefix("!"), name)]
        return naming != [] and not naming[-1].startswith("!")

    def __call__(self, x, training):
        self.counts = {}
        return self.run(self.layers, x, training)

    def run(self, layers, x, training):
        for layer in layers:
            x = self.apply(layer, x, training)
        return x

    def named(self, kind):
        """A function from the role of a weight to the weight, of the next layer of this kind."""
        ordinal = self.counts[kind] = self.counts.get(kind, 0) + 1

        def weight(role):
            return self.weights.get(f"{weight.layer}/{role}")
        weight.layer = f"{kind}_{ordinal}"
        return weight

    def apply(self, layer, x, training):
        kind = layer["type"]
        if kind == "residual":
            return x + self.run(layer["layers"], x, training)
        if kind == "concatenate":
            return torch.cat([self.run(branch, x, training) for branch in layer["branches"]], 1)
        if kind == "squeezeExcite":
            reduce, expand = self.named("dense"), self.named("dense")
            units = ACTIVATIONS[layer["activation"]](F.linear(x.mean((2, 3)), reduce("kernel").T, reduce("bias")))
            return x * torch.sigmoid(F.linear(units, expand("kernel").T, expand("bias")))[:, :, None, None]
        if kind == "conv2d":
            weight = self.named("conv2d")
            padding = {"valid": 0, "same": 0}.get(layer["padding"], layer["padding"])
            if layer["padding"] == "same":
                x = pad_same(x, layer["kernel"], layer["stride"])
            return F.conv2d(x, weight("kernel").permute(3, 2, 0, 1), weight("bias"), layer["stride"], padding,
                            layer["dilation"], layer["groups"])
        if kind == "dense":
            weight = self.named("dense")
            return F.linear(x, weight("kernel").T, weight("bias"))
        if kind == "batchNorm":
            weight = self.named("batch_normalization")
            statistics = weight("moving_mean"), weight("moving_variance")
            affine = weight("gamma"), weight("beta")
            by_batch = training and not self.is_frozen(f"{weight.layer}/moving_mean")
            return F.batch_norm(x, *statistics, *affine, by_batch, layer["momentum"], layer["epsilon"])
        if kind == "activation":
            if layer["kind"] == "leakyRelu":
                return F.leaky_relu(x, layer["slope"])
            return ACTIVATIONS[layer["kind"]](x)
        if kind == "maxPool":
            return F.max_pool2d(x, layer["size"], layer["stride"])
        if kind == "avgPool":
            return F.avg_pool2d(x, layer["size"], layer["stride"])
        if kind == "globalAvgPool":
            return x.mean((2, 3))
        if kind == "scale":
            return x * layer["factor"]
        if kind == "flatten":
            # Images are [height, width, channels] in the service, so a dense kernel has its rows in that order.
            return x.permute(0, 2, 3, 1).flatten(1) if x.dim() == 4 else x
        raise ValueError(f"the replica has no layer {kind}")


def groups_of(spec, trained):
    """The parameters of the optimizer's groups, those of none of them first."""
    o, rate = spec["optimizer"], spec["learningRate"]
    groups = [{"params": [], "lr": rate}]
    for group in o["groups"]:
        decay = o["weightDecay"] if group["weightDecay"] is None else group["weightDecay"]
        groups.append({"params": [], "lr": rate * group["learningRateFactor"], "weight_decay": decay})
    for name, weight in trained.items():
        found = [i for i, group in enumerate(o["groups"]) if matches(group["match"], name)]
        groups[found[0] + 1 if found else 0]["params"].append(weight)
    return groups


def optimizer_of(spec, trained):
    o, rate, trained = spec["optimizer"], spec["learningRate"], groups_of(spec, trained)
    if o["type"] == "sgd":
        settings = dict(momentum=o["momentum"], nesterov=o["nesterov"], weight_decay=o["weightDecay"])
        return torch.optim.SGD(trained, lr=rate, **settings)
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[o["type"]]
    betas = o["beta1"], o["beta2"]
    return kind(trained, lr=rate, betas=betas, eps=o["epsilon"], weight_decay=o["weightDecay"])


def scheduler_of(spec, optimizer, steps_per_epoch):
    s, rate, total = spec["schedule"], spec["learningRate"], steps_per_epoch * spec["epochs"]
    schedulers = torch.optim.lr_scheduler
    if s["type"] == "constant":
        return schedulers.ConstantLR(optimizer, factor=1)
    if s["type"] == "step":
        return schedulers.StepLR(optimizer, s["everyEpochs"] * steps_per_epoch, s["factor"])
    if s["type"] == "cosine":
        return schedulers.CosineAnnealingLR(optimizer, total, eta_min=rate * s["finalFraction"])
    if s["type"] == "linear":
        return schedulers.LinearLR(optimizer, 1, s["finalFraction"], total)
    if s["type"] == "oneCycle":
        return schedulers.OneCycleLR(
            optimizer, rate, total_steps=total, pct_start=s["warmupFraction"], cycle_momentum=False,
            div_factor=1 / s["initialFraction"], final_div_factor=s["initialFraction"] / s["finalFraction"])
    raise ValueError(f"the replica has no schedule {s['type']}")


def normalized(images, spec, train_images):
    """float32 [n, channels, height, width]"""
    def unit(x):
        return x.float() / 255
    choice, axes = spec["normalization"], (0, 1, 2)
    if choice == "half":
        mean, std = torch.tensor(0.5), torch.tensor(0.5)
    elif choice == "dataset":
        pixels = unit(train_images).double()
        mean, std = pixels.mean(axes), pixels.var(axes, unbiased=False).sqrt()
    else:
        mean, std = torch.tensor(choice["mean"]), torch.tensor(choice["std"])
    return ((unit(images) - mean) / std).float().permute(0, 3, 1, 2).contiguous()


@torch.no_grad()
def evaluate(network, images, labels):
    logits = network(images, False)
    predicted = logits.argmax(1)
    loss = F.cross_entropy(logits.double(), labels).item()
    return {"loss": loss, "accuracy": (predicted == labels).double().mean().item()}, predicted


def is_finite(network, *losses):
    return all(map(math.isfinite, losses)) and all(bool(w.isfinite().all()) for w in network.weights.values())


def train(folder):
    with open(os.path.join(folder, "spec.json")) as file:
        spec = json.load(file)
    data = load_file(os.path.join(folder, "..", "images.safetensors"))
    draws = load_file(os.path.join(folder, "draws.safetensors"))
    images = {split: normalized(data[f"{split}/images"], spec, data["train/images"]) for split in ("train", "test")}
    labels = {split: data[f"{split}/labels"].long() for split in ("train", "test")}
    prefix = "weights/"
    weights = {name[len(prefix):]: w for name, w in draws.items() if name.startswith(prefix)}
    network = Network(spec["architecture"]["layers"], weights, spec["freeze"])
    optimizer = optimizer_of(spec, network.trained)
    batch, validation = spec["batchSize"], draws["split/validation"].long()
    used = len(draws["order/0"]) // batch * batch if spec["dropLastBatch"] else len(draws["order/0"])
    scheduler = scheduler_of(spec, optimizer, math.ceil(used / batch))
    epochs, best = [], None
    for epoch in range(spec["epochs"]):
        order, loss_sum, hits = draws[f"order/{epoch}"].long(), 0.0, 0
        for start in range(0, used, batch):
            chosen = order[start:min(start + batch, used)]
            logits = network(images["train"][chosen], True)
            target = labels["train"][chosen]
            loss = F.cross_entropy(logits, target, label_smoothing=spec["loss"]["labelSmoothing"])
            optimizer.zero_grad()
            loss.backward()
            rate = optimizer.param_groups[0]["lr"]
            optimizer.step()
            scheduler.step()
            loss_sum += loss.item() * len(chosen)
            hits += (logits.argmax(1) == target).sum().item()
        scores, _ = evaluate(network, images["train"][validation], labels["train"][validation])
        finite = is_finite(network, loss_sum, scores["loss"])
        if not finite:
            break
        epochs.append({
            "learningRate": rate, "trainLoss": loss_sum / used, "trainAccuracy": hits / used,
            "validationLoss": scores["loss"], "validationAccuracy": scores["accuracy"]})
        if best is None or scores["loss"] < best[0]:
            best = scores["loss"], {name: w.detach().clone() for name, w in network.weights.items()}
    test = None
    if finite:
        network.weights = best[1]
        test, predicted = evaluate(network, images["test"], labels["test"])
        classes = int(labels["test"].max()) + 1
        cells = torch.bincount(labels["test"] * classes + predicted, minlength=classes * classes)
        test["confusion"] = cells.reshape(classes, classes).tolist()
    return {"finite": finite, "epochs": epochs, "test": test}


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print(json.dumps(train(path)), flush=True)
