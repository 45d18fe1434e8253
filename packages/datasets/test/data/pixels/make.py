"""Writes image files with Pillow, and beside them the pixels that Pillow itself gets from them.

    python make.py        (Pillow 13.0.0, NumPy)

images/       the files
cases.jsonl   per case: file, size, channels, fit, background
expected.bin  the expected pixels of all cases, uint8 [height, width, channels], one after the other
"""
import io
import json
import pathlib
import random
import shutil

import numpy as np
from PIL import Image, ImageOps

here = pathlib.Path(__file__).parent
images = here / "images"
rng = np.random.default_rng(1)
draw = random.Random(1)


def drawing(width, height, channels):
    """Soft colours, a hard edge and some noise."""
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for _ in range(channels):
        a, b, c = rng.uniform(1, 5, 3)
        plane = 128 + 90 * np.sin(a * x / width * 3 + c) * np.cos(b * y / height * 3)
        plane[x + y > (width + height) * rng.uniform(0.4, 0.9)] += rng.uniform(-60, 60)
        planes.append(plane + rng.normal(0, 6, plane.shape))
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def image(mode, width, height):
    if mode == "1":
        return Image.fromarray(drawing(width, height, 1)[..., 0]).convert("1")
    if mode == "L":
        return Image.fromarray(drawing(width, height, 1)[..., 0])
    if mode == "I;16":
        values = drawing(width, height, 1)[..., 0].astype(np.uint16) * 257
        return Image.fromarray(values - rng.integers(0, 3, values.shape, dtype=np.uint16) * (values > 3))
    if mode == "LA":
        planes = drawing(width, height, 2).transpose(2, 0, 1).copy()
        return Image.merge("LA", [Image.fromarray(plane) for plane in planes])
    if mode in ("RGB", "P", "RGBA", "CMYK"):
        channels = {"RGBA": 4, "CMYK": 4}.get(mode, 3)
        planes = drawing(width, height, channels).transpose(2, 0, 1).copy()
        if mode == "RGBA":
            planes[3][planes[3] > 140] = 255
            planes[3][planes[3] < 70] = 0
        if mode == "RGB":
            planes[:, :3, :3] = 128
        merged = Image.merge("RGB" if mode == "P" else mode, [Image.fromarray(plane) for plane in planes])
        return merged.quantize(draw.choice([2, 4, 16, 200])) if mode == "P" else merged
    raise ValueError(mode)


# format, modes, options of `save` to draw from
kinds = [
    ("jpg", ["RGB"], [dict(quality=q, subsampling=s, progressive=s == 1) for q in (60, 95) for s in (0, 1, 2)]),
    ("jpg", ["L"], [dict(quality=80)]),
    ("png", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"], [{}]),
    ("png", ["P", "L", "1"], [dict(transparency=0)]),
    ("png", ["RGB"], [dict(transparency=(128, 128, 128))]),
    ("webp", ["RGB", "RGBA"], [dict(quality=80), dict(lossless=True)]),
    ("gif", ["P", "L"], [{}, dict(transparency=1)]),
    ("bmp", ["1", "L", "P", "RGB"], [{}]),
    ("tif", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"], [{}, dict(compression="tiff_lzw")]),
    ("tif", ["L", "RGB"], [dict(compression="tiff_adobe_deflate")]),
    ("tif", ["RGB"], [dict(compression="jpeg", quality=90)]),
    ("avif", ["RGB", "RGBA"], [dict(quality=90, subsampling="4:4:4"), dict(quality=70, subsampling="4:2:0")]),
    ("ppm", ["1", "L", "RGB"], [{}]),
]
with_orientation = {"jpg", "png", "webp", "tif", "avif"}
backgrounds = {"white": (255, 255, 255), "black": (0, 0, 0), "#3fa07c": (63, 160, 124)}


def opened_file(path):
    # From memory: Pillow forgets the orientation of some TIFF files that it maps from disk.
    return Image.open(io.BytesIO(path.read_bytes()))


def upright(opened):
    opened.seek(0)
    return ImageOps.exif_transpose(opened)


def flat(opened, background, channels):
    """Without alpha, and as gray where the image is gray or one channel is wanted."""
    if opened.mode == "I;16":
        opened = Image.fromarray((np.asarray(opened) >> 8).astype(np.uint8))
    if opened.mode in ("LA", "RGBA", "PA", "La", "RGBa") or "transparency" in opened.info:
        rgba = opened.convert("RGBA")
        result = Image.new("RGB", rgba.size, background)
        result.paste(rgba, mask=rgba.getchannel("A"))
    else:
        result = opened.convert("RGB")
    return result.convert("L") if channels == 1 else result


def expected(path, width, height, channels, fit, background):
    with opened_file(path) as opened:
        result = flat(upright(opened), background, channels)
    method = Image.Resampling.BILINEAR
    if fit == "stretch":
        result = result.resize((width, height), method)
    elif fit == "cover":
        result = ImageOps.fit(result, (width, height), method)
    elif fit == "contain":
        colour = background if channels == 3 else Image.new("RGB", (1, 1), background).convert("L").getpixel((0, 0))
        result = ImageOps.pad(result, (width, height), method, color=colour)
    return np.asarray(result, dtype=np.uint8).reshape(height, width, channels)


cases = []
pixels = []


def add(path, width, height, channels, fit, background, **more):
    size = dict(width=width, height=height, channels=channels)
    cases.append(dict(file=path.name, **size, fit=fit, background=background, **more))
    pixels.append(expected(path, width, height, channels, fit, backgrounds[background]).tobytes())


def save(name, picture, options, orientation=None):
    path = images / name
    exif = picture.getexif()
    if orientation is not None:
        exif[0x0112] = orientation
        options = dict(options, exif=exif)
    picture.save(path, **options)
    return path


def shown_size(path):
    with opened_file(path) as opened:
        return upright(opened).size


def draw_cases(count):
    for number in range(count):
        extension, modes, options = kinds[number % len(kinds)]
        mode = draw.choice(modes)
        width, height = draw.randint(9, 33), draw.randint(9, 33)
        orientation = draw.randint(1, 8) if extension in with_orientation and draw.random() < 0.4 else None
        chosen = draw.choice(options)
        path = save(f"{number:03}.{extension}", image(mode, width, height), chosen, orientation)
        fit = draw.choice([None, "stretch", "cover", "contain"])
        width, height = shown_size(path) if fit is None else (draw.randint(4, 24), draw.randint(4, 24))
        # Decoders enlarge the colour of such files in different ways.
        more = dict(halfColour=True) if chosen.get("subsampling") == "4:2:0" else {}
        add(path, width, height, draw.choice([1, 3]), fit, draw.choice(list(backgrounds)), **more)


def every_orientation():
    for orientation in range(1, 9):
        path = save(f"orientation-{orientation}.jpg", image("RGB", 16, 24), dict(quality=90), orientation)
        add(path, *shown_size(path), 3, None, "white")


def animations():
    for extension in ("gif", "webp", "png", "tif"):
        frames = [image("RGB", 14, 11) for _ in range(3)]
        if extension == "gif":
            frames = [frame.quantize(32) for frame in frames]
        path = images / f"frames.{extension}"
        options = dict(lossless=True) if extension == "webp" else {}
        frames[0].save(path, save_all=True, append_images=frames[1:], **options)
        add(path, 14, 11, 3, None, "white")


def large():
    """Large enough to be decoded at a fraction."""
    for name, width, height in (("large.jpg", 1600, 1100), ("large.png", 500, 700)):
        path = images / name
        picture = Image.fromarray(drawing(width // 10, height // 10, 3)).resize((width, height))
        if name.endswith("jpg"):
            picture = Image.fromarray(np.asarray(picture) // 2 + drawing(width, height, 3) // 2)
        else:
            picture = picture.quantize(8)
        picture.save(path, **(dict(quality=30) if name.endswith("jpg") else {}))
        for fit in ("stretch", "cover", "contain"):
            for size in ((32, 32), (20, 48)):
                add(path, *size, 3, fit, "white")


shutil.rmtree(images, ignore_errors=True)
images.mkdir()
draw_cases(200)
every_orientation()
animations()
large()
(here / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
(here / "expected.bin").write_bytes(b"".join(pixels))
