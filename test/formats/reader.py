"""Reads downloaded files of models with ONNX Runtime and PyTorch: python reader.py FOLDER...

A folder has test.safetensors (images [images, height, width, channels] and labels, bytes) and the downloads
model.onnx, model.uint8.onnx and model.torch.zip. For each, prints a line of JSON: for each reader how many images it
classified correctly and the largest difference of its logits from those of PyTorch in float64; writes the latter to
logits.safetensors.
"""
import importlib.util
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from safetensors.numpy import load_file, save_file

torch.set_num_threads(1)


def modeling_of(folder):
    with zipfile.ZipFile(folder / "model.torch.zip") as archive:
        archive.extractall(folder / "torch")
    spec = importlib.util.spec_from_file_location("modeling", folder / "torch/modeling.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def onnx_logits(file, images):
    """Logits and probabilities"""
    onnx.checker.check_model(str(file), full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    return session.run(["logits", "probabilities"], {"images": images})


def read(folder):
    data = load_file(folder / "test.safetensors")
    pixels, labels = data["images"], data["labels"]
    modeling = modeling_of(folder)
    mean, std = np.float32(modeling.MEAN), np.float32(modeling.STD)
    normalized = (pixels.astype(np.float32) / np.float32(255) - mean) / std
    with torch.inference_mode():
        network = modeling.load()
        x = modeling.normalize(torch.from_numpy(pixels))
        in_torch = network(x).numpy()
        exact = network.double()(x.double()).numpy()
    results = {"torch": in_torch}
    for name, images in ("onnx", normalized), ("uint8", pixels):
        logits, probabilities = onnx_logits(folder / f"model.{'onnx' if name == 'onnx' else 'uint8.onnx'}", images)
        powers = np.exp(logits - logits.max(1, keepdims=True))
        assert np.abs(probabilities - powers / powers.sum(1, keepdims=True)).max() < 1e-6, "probabilities"
        results[name] = logits
    save_file({"logits": exact.astype(np.float32)}, folder / "logits.safetensors")
    return {
        name: {"correct": int((logits.argmax(1) == labels).sum()), "difference": float(np.abs(logits - exact).max())}
        for name, logits in results.items()
    }


for path in sys.argv[1:]:
    print(json.dumps(read(Path(path))), flush=True)
