"""Writes by save_to_disk the sets beside this script, and expected.json: what load_from_disk reads back.

Needs `pip install datasets pillow`.
"""

import json
import pathlib
import shutil

import numpy as np
from datasets import ClassLabel, Dataset, DatasetDict, Features, Image, Value, load_from_disk
from PIL import Image as PilImage

here = pathlib.Path(__file__).parent
names = ["frog", "cat", "owl"]
expected = {}


def picture(number):
    rows, columns = np.mgrid[0:6, 0:8]
    return PilImage.fromarray(
        np.stack([rows * 30 + number, columns * 20 + number, np.full_like(rows, 10 * number)], 2).astype(np.uint8)
    )


def dataset(numbers, label):
    labels = [names[n % 3] if label.dtype == "string" else n % 3 for n in numbers]
    rows = {"image": [picture(n) for n in numbers], "label": labels}
    return Dataset.from_dict(rows, features=Features({"image": Image(), "label": label}))


def save(name, data, **options):
    shutil.rmtree(here / name, ignore_errors=True)
    data.save_to_disk(here / name, **options)
    back = load_from_disk(here / name)
    expected[name] = {}
    for split, rows in back.items() if isinstance(back, DatasetDict) else [("none", back)]:
        feature = rows.features["label"]
        expected[name][split] = [
            {
                "class": feature.int2str(row["label"]) if isinstance(feature, ClassLabel) else str(row["label"]),
                "pixels": np.asarray(row["image"]).tobytes().hex(),
            }
            for row in rows
        ]


classes = ClassLabel(names=names)
splits = {"train": range(7), "validation": range(3), "test": range(3, 6)}
shards = {"train": 2, "validation": 1, "test": 1}
save("splits", DatasetDict({k: dataset(v, classes) for k, v in splits.items()}), num_shards=shards)
save("single", dataset(range(7), Value("string")))
save("selected", dataset(range(9), Value("int64")).select([8, 1, 3, 5, 0, 7]))
(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
