#!/usr/bin/env python3
"""Draws photographs of two classes, balls and boxes, as a camera stores them: JPEG files of 4000x3000 pixels.

  python3 bench/photos/makePhotos.py FOLDER --count 40 --size 4000x3000 --seed 1

Writes FOLDER/ball/0000.jpg ... and FOLDER/box/0000.jpg ...; with --split, below FOLDER/train and FOLDER/test. Textures,
light, place, size and rotation are drawn from the same distribution for both classes. Shape and shading distinguish
them, and for six in ten the colour does. Needs numpy and Pillow.
"""
import argparse
import colorsys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

# Drawn on a side of this many pixels, then enlarged: no object of a photograph is sharper than its lens.
DRAWN = (1000, 750)


def noise(rng, cells, size):
    """Smooth noise of a few octaves in [0, 1], [height, width]."""
    total = np.zeros((size[1], size[0]), np.float32)
    for octave in range(4):
        side = cells * 2 ** octave
        small = Image.fromarray(rng.random((max(2, side * size[1] // size[0]), side)).astype(np.float32))
        total += np.asarray(small.resize(size, Image.BICUBIC)) / 2 ** octave
    total -= total.min()
    return total / total.max()


def colours(rng, hue, spread, saturation):
    """Two colours of about one hue, RGB in [0, 1]."""
    hues = (hue + rng.uniform(-spread, spread, 2)) % 1
    return [np.array(colorsys.hsv_to_rgb(h, rng.uniform(*saturation), rng.uniform(0.3, 0.95))) for h in hues]


def texture(rng, size, pair):
    """A background or a surface: two colours mixed by noise or by the grain of wood, float32 RGB in [0, 1]."""
    mix = noise(rng, int(rng.integers(3, 12)), size)
    if rng.random() < 0.5:
        y, x = np.mgrid[0:size[1], 0:size[0]] / size[0]
        angle = rng.uniform(0, np.pi)
        stripes = x * np.cos(angle) + y * np.sin(angle)
        mix = 0.5 + 0.5 * np.sin(2 * np.pi * (rng.uniform(4, 25) * stripes + 2 * mix))
    first, second = pair
    return (first + (second - first) * mix[..., None]).astype(np.float32)


def mask_of(polygons, size):
    image = Image.new('L', size)
    for polygon in polygons:
        ImageDraw.Draw(image).polygon([tuple(point) for point in polygon], fill=255)
    return np.asarray(image, np.float32)[..., None] / 255


def ball(rng, scene, centre, radius, light):
    """A sphere with a surface of its own and a highlight; most are red to yellow."""
    size = (scene.shape[1], scene.shape[0])
    y, x = np.mgrid[0:size[1], 0:size[0]]
    dx, dy = (x - centre[0]) / radius, (y - centre[1]) / radius
    inside = np.clip((1 - np.hypot(dx, dy)) * radius, 0, 1)[..., None]
    dz = np.sqrt(np.clip(1 - dx ** 2 - dy ** 2, 0, 1))
    shade = 0.25 + 0.75 * np.clip(dx * light[0] + dy * light[1] + dz * 0.7, 0, 1)
    surface = texture(rng, size, colours(rng, rng.choice([0.06, rng.random()], p=[0.6, 0.4]), 0.07, (0.4, 0.9)))
    highlight = 0.5 * np.clip(dx * light[0] * 0.7 + dy * light[1] * 0.7 + dz * 0.72, 0, 1) ** 30
    return scene * (1 - inside) + inside * (surface * shade[..., None] + highlight[..., None])


def box(rng, scene, centre, radius, light):
    """A box that shows three faces, each with its own light; most are green to blue."""
    size = (scene.shape[1], scene.shape[0])
    turn = rng.uniform(0, 2 * np.pi)
    angles = turn + np.cumsum(rng.uniform(0.8, 1.2, 3) * 2 * np.pi / 3)
    lengths = radius * rng.uniform(0.8, 1.05, 3)
    edges = [length * np.array([np.cos(a), np.sin(a)]) for length, a in zip(lengths, angles)]
    surface = texture(rng, size, colours(rng, rng.choice([0.5, rng.random()], p=[0.6, 0.4]), 0.1, (0.4, 0.9)))
    for i in range(3):
        a, b = edges[i], edges[(i + 1) % 3]
        face = mask_of([np.array(centre) + np.array([np.zeros(2), a, a + b, b])], size)
        shade = rng.uniform(0.3, 1.0) if i else 0.35 + 0.65 * abs(light[0])
        scene = scene * (1 - face) + face * surface * shade
    return scene


def photograph(path, label, size, seed):
    rng = np.random.default_rng(seed)
    scene = texture(rng, DRAWN, colours(rng, rng.random(), 0.2, (0, 0.35)))
    for _ in range(int(rng.integers(0, 3))):
        # Clutter: patches of other textures behind the object.
        corner, extent = rng.uniform(0, 1, 2) * DRAWN, rng.uniform(40, 300, 2)
        outline = corner + np.array([[0, 0], [1, rng.uniform(-.5, .5)], [1, 1], [rng.uniform(-.5, .5), 1]]) * extent
        patch = mask_of([outline], DRAWN)
        scene = scene * (1 - patch) + patch * texture(rng, DRAWN, colours(rng, rng.random(), 0.5, (0, 0.6)))
    radius = rng.uniform(130, 260)
    centre = (rng.uniform(radius * 0.8, DRAWN[0] - radius * 0.8), rng.uniform(radius * 0.8, DRAWN[1] - radius * 0.8))
    angle = rng.uniform(0, 2 * np.pi)
    light = (np.cos(angle) * 0.7, np.sin(angle) * 0.7)
    y, x = np.mgrid[0:DRAWN[1], 0:DRAWN[0]]
    shadow = np.hypot((x - centre[0] + 0.5 * radius * light[0]) / 1.1, (y - centre[1] + 0.5 * radius * light[1]))
    scene = scene * (1 - 0.5 * np.exp(-(shadow / radius) ** 4))[..., None]
    scene = (ball if label == 'ball' else box)(rng, scene, centre, radius, light)
    # The light of the whole scene: a gradient, its strength and its colour.
    gradient = 1 + rng.uniform(-0.4, 0.4) * (x / DRAWN[0] - 0.5) + rng.uniform(-0.4, 0.4) * (y / DRAWN[1] - 0.5)
    scene = scene * gradient[..., None] * rng.uniform(0.5, 1.2) * rng.uniform(0.85, 1.15, 3)
    image = Image.fromarray((np.clip(scene, 0, 1) * 255).astype(np.uint8))
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 2.5))).resize(size, Image.BICUBIC)
    grain = rng.normal(0, rng.uniform(1, 8), (size[1], size[0], 1)).astype(np.float32)
    pixels = np.clip(np.asarray(image, np.float32) + grain, 0, 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=90)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=Path)
    parser.add_argument('--count', type=int, default=40, help='photographs of each class')
    parser.add_argument('--size', default='4000x3000', help='width x height')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--split', default='', help='a folder between FOLDER and the class, e.g. train')
    options = parser.parse_args()
    size = tuple(int(side) for side in options.size.split('x'))
    with ProcessPoolExecutor(2) as pool:
        jobs = []
        for number, label in enumerate(('ball', 'box')):
            for i in range(options.count):
                path = options.folder / options.split / label / f'{i:04}.jpg'
                jobs.append(pool.submit(photograph, path, label, size, [options.seed, number, i]))
        for job in jobs:
            job.result()


if __name__ == '__main__':
    main()
