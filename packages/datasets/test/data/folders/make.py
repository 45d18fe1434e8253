"""Writes small folders of images and what real libraries read from them: expected.json.

Run in this folder, with pillow, datasets and torchvision installed: python make.py
"""

import csv
import json
import pathlib
import shutil

import datasets
import torchvision
from PIL import Image

here = pathlib.Path(__file__).parent
count = 0


def save(path: pathlib.Path) -> None:
    """An image of one colour that no other has."""
    global count
    count += 1
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4), (count * 4, 255 - count * 4, count)).save(path)


def fresh(name: str) -> pathlib.Path:
    folder = here / name
    shutil.rmtree(folder, ignore_errors=True)
    return folder


def colour(image: Image.Image) -> list[int]:
    return list(image.convert("RGB").getpixel((0, 0)))


def read_imagefolder(folder: pathlib.Path) -> dict:
    """Split to a list of class name and colour, as Hugging Face datasets reads a folder."""
    loaded = datasets.load_dataset("imagefolder", data_dir=str(folder), cache_dir="/tmp/hf-cache")
    result = {}
    for split, rows in loaded.items():
        feature = rows.features["label"]
        name = (lambda label: feature.names[label]) if hasattr(feature, "names") else (lambda label: label)
        result[split] = sorted([name(row["label"]), colour(row["image"])] for row in rows)
    return result


def class_folders() -> dict:
    folder = fresh("class-folders")
    for split, images in {"train": 3, "valid": 1, "test": 2}.items():
        for name in ["10", "2", "Golden retriever", "golden_fish"]:
            for number in range(images):
                save(folder / split / name / f"{number}.png")
    torch = {
        split: torchvision.datasets.ImageFolder(str(folder / split)) for split in ["train", "valid", "test"]
    }
    return {
        "imagefolder": read_imagefolder(folder),
        "classes": torch["train"].classes,
        "torchvision": {
            split: sorted([loaded.classes[label], colour(image)] for image, label in loaded)
            for split, loaded in torch.items()
        },
    }


def metadata() -> dict:
    folder = fresh("metadata")
    for split, images in {"train": 5, "validation": 2, "test": 3}.items():
        with_label = []
        for number in range(images):
            name = f"pictures/{number}.png" if number % 2 else f"{number}.png"
            save(folder / split / name)
            with_label.append((name, "a, quoted" if number % 2 else "plain"))
        with open(folder / split / "metadata.csv", "w", newline="") as file:
            csv.writer(file).writerows([("file_name", "label"), *with_label])
    return {"imagefolder": read_imagefolder(folder)}


def lines() -> dict:
    folder = fresh("metadata-jsonl")
    for split, images in {"train": 4, "test": 2}.items():
        rows = []
        for number in range(images):
            save(folder / split / f"{number}.jpg.png")
            rows.append(json.dumps({"file_name": f"{number}.jpg.png", "label": "odd" if number % 2 else "éven"}))
        (folder / split / "metadata.jsonl").write_text("\n".join(rows) + "\n")
    return {"imagefolder": read_imagefolder(folder)}


expected = {"class-folders": class_folders(), "metadata": metadata(), "metadata-jsonl": lines()}
(here / "expected.json").write_text(json.dumps(expected) + "\n")
