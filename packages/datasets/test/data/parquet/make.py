"""Writes the Parquet files beside this script, and expected.json: what the libraries read back from each.

Needs `pip install datasets pyarrow pillow`.
"""

import io
import json
import pathlib
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import Array3D, ClassLabel, Dataset, Features, Image, Value, load_dataset
from PIL import Image as PilImage

here = pathlib.Path(__file__).parent
names = ["frog", "cat", "owl"]
expected = {}


def picture(number):
    rows, columns = np.mgrid[0:6, 0:8]
    return PilImage.fromarray(
        np.stack([rows * 30 + number, columns * 20 + number, np.full_like(rows, 10 * number)], 2).astype(np.uint8)
    )


def encoded(number):
    buffer = io.BytesIO()
    picture(number).save(buffer, "png")
    return buffer.getvalue()


def remember(folder, image, label):
    """What the library `datasets` reads back: the class and the pixels of each row."""
    found = {}
    for split, rows in load_dataset("parquet", data_files=files_of(folder)).items():
        feature = rows.features[label]
        found[split] = [
            {
                "class": feature.int2str(row[label]) if isinstance(feature, ClassLabel) else str(row[label]),
                "pixels": np.asarray(row[image]).tobytes().hex(),
            }
            for row in rows
            if row[label] is not None and row[label] != -1
        ]
    expected[folder.name] = found


def files_of(folder):
    files = {}
    for path in sorted(folder.rglob("*.parquet")):
        files.setdefault(path.name.split("-")[0], []).append(str(path))
    return files


def fresh(name):
    folder = here / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    return folder


def hub():
    """As the hub of Hugging Face stores a set: an Image column and a ClassLabel, a test split without labels."""
    folder = fresh("hub")
    features = Features({"image": Image(), "label": ClassLabel(names=names)})
    shards = {"train-00000-of-00002": range(6), "train-00001-of-00002": range(6, 9)}
    shards["validation-00000-of-00001"] = range(3)
    for name, numbers in shards.items():
        rows = {"image": [picture(n) for n in numbers], "label": [n % 3 for n in numbers]}
        Dataset.from_dict(rows, features=features).to_parquet(folder / "data" / f"{name}.parquet", batch_size=4)
    rows = {"image": [picture(n) for n in range(2)], "label": [-1, -1]}
    Dataset.from_dict(rows, features=features).to_parquet(folder / "data" / "test-00000-of-00001.parquet")
    remember(folder, "image", "label")


def strings():
    """Labels as text, which Parquet stores by a dictionary."""
    folder = fresh("strings")
    features = Features({"img": Image(), "class": Value("string")})
    for name, numbers in {"train": range(6), "test": range(3)}.items():
        rows = {"img": [picture(n) for n in numbers], "class": [names[n % 3] for n in numbers]}
        Dataset.from_dict(rows, features=features).to_parquet(folder / "data" / f"{name}-00000-of-00001.parquet")
    remember(folder, "img", "class")


def two_labels():
    folder = fresh("two-labels")
    coarse = ClassLabel(names=["land", "air"])
    features = Features({"img": Image(), "coarse_label": coarse, "fine_label": ClassLabel(names=names)})
    for name, numbers in {"train": range(6), "test": range(3)}.items():
        fine = [n % 3 for n in numbers]
        rows = {"img": [picture(n) for n in numbers], "coarse_label": [int(n == 2) for n in fine], "fine_label": fine}
        Dataset.from_dict(rows, features=features).to_parquet(folder / "data" / f"{name}-00000-of-00001.parquet")
    remember(folder, "img", "fine_label")


def arrays():
    folder = fresh("arrays")
    features = Features({"image": Array3D(shape=(6, 8, 3), dtype="uint8"), "label": ClassLabel(names=names)})
    for name, numbers in {"train": range(6), "test": range(3)}.items():
        rows = {"image": [np.asarray(picture(n)) for n in numbers], "label": [n % 3 for n in numbers]}
        Dataset.from_dict(rows, features=features).to_parquet(folder / "data" / f"{name}-00000-of-00001.parquet")
    found = {}
    for split, rows in load_dataset("parquet", data_files=files_of(folder)).items():
        found[split] = [
            {"class": names[row["label"]], "pixels": np.asarray(row["image"], np.uint8).tobytes().hex()} for row in rows
        ]
    expected[folder.name] = found


def codecs():
    """Written by pyarrow alone: a plain binary column, no names of classes, each codec and version of pages."""
    folder = fresh("codecs")
    numbers = range(6)
    table = pa.table({"image": [encoded(n) for n in numbers], "label": pa.array([n % 3 for n in numbers], pa.int64())})
    for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
        for version in ["1.0", "2.0"]:
            path = folder / f"{codec}-{version[0]}.parquet"
            pq.write_table(table, path, compression=codec, data_page_version=version, row_group_size=4)
    (folder / "data").rmdir()
    back = pq.read_table(folder / "zstd-2.parquet").to_pylist()
    pixels = [np.asarray(PilImage.open(io.BytesIO(row["image"]))).tobytes().hex() for row in back]
    expected[folder.name] = {"train": [{"class": str(r["label"]), "pixels": p} for r, p in zip(back, pixels)]}


def paths_only():
    folder = fresh("paths-only")
    image = pa.array([{"bytes": None, "path": f"pictures/{n}.png"} for n in range(4)])
    pq.write_table(pa.table({"image": image, "label": [0, 1, 0, 1]}), folder / "data" / "train-00000-of-00001.parquet")


for make in [hub, strings, two_labels, arrays, codecs, paths_only]:
    make()
(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
