"""Writes small shards with webdataset, and what it reads back from them (expected.json).

Needs numpy, pillow and webdataset. Run it here: python make.py
"""
import hashlib, io, json, os, shutil
import numpy as np
import webdataset as wds
from PIL import Image

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(3)


def picture():
    y, x = np.mgrid[0:16, 0:16]
    a, b, c = rng.integers(1, 9, 3)
    gray = (x * a + y * b) * 255 // (16 * (a + b))
    return Image.fromarray(np.stack([gray, (gray + c * 20) % 256, 255 - gray], -1).astype(np.uint8))


def write(pattern, count, sample, maxcount):
    with wds.ShardWriter(pattern, maxcount=maxcount, verbose=0) as sink:
        for i in range(count):
            sink.write({'__key__': f'sample{i:04d}', **sample(i)})


def read(shards, decode_label):
    rows = []
    for sample in wds.WebDataset(shards, shardshuffle=False).decode('pil'):
        pixels = np.asarray(sample['png'].convert('RGB'))
        rows.append({'label': decode_label(sample), 'sha256': hashlib.sha256(pixels.tobytes()).hexdigest()})
    return rows


for name in ('cls', 'json'):
    shutil.rmtree(os.path.join(here, name), ignore_errors=True)
    os.makedirs(os.path.join(here, name))

base = os.path.join(here, 'cls')
write(f'{base}/train-%06d.tar', 9, lambda i: {'png': picture(), 'cls': i % 3}, 5)
write(f'{base}/val-%06d.tar', 3, lambda i: {'png': picture(), 'cls': i % 3}, 5)
write(f'{base}/test-%06d.tar', 3, lambda i: {'png': picture(), 'cls': i % 3}, 5)
insects = lambda i: {'png': picture(), 'json': {'label': ['ant', 'bee'][i % 2], 'width': 16}}
write(f'{here}/json/shard-%06d.tar', 10, insects, 6)
expected = {
    'cls': {
        split: read([f'{base}/{n}' for n in sorted(os.listdir(base)) if n.startswith(prefix)], lambda s: int(s['cls']))
        for split, prefix in (('train', 'train'), ('validation', 'val'), ('test', 'test'))
    },
    'json': read([f'{here}/json/{n}' for n in sorted(os.listdir(f'{here}/json'))], lambda s: s['json']['label']),
}
with open(os.path.join(here, 'expected.json'), 'w') as file:
    json.dump(expected, file, separators=(',', ':'))
    file.write('\n')
