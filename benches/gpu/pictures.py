"""Photographs by code, for machines that have none: as large as those of the web, and as hard to decode.

Noise of all scales, coarse louder than fine, is what the spectrum of photographs looks like; over it lie shapes with sharp
edges. Beside the pictures stands `captions.jsonl`, as in a folder of real ones.
"""

import io
import json
import os
import random
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import beside

beside.use_packages()

# Width and height; half of them are stood upright.
SIZES = [(640, 480), (800, 600), (1024, 683), (1200, 800), (1280, 960), (1600, 1200)]
QUALITIES = (80, 85, 90)
# How loud the finest noise is: with this a picture has 220 KB on average, a quarter of a byte a pixel.
FINEST = 14.0
WORDS = """a the of on in with and at by for old small large red blue green white black wooden modern vintage photo
picture view portrait house street dog cat child woman man garden river mountain beach table chair car train bridge
window flower tree cake coffee book guitar shirt dress shoe ring watch lamp kitchen bedroom night morning summer winter
market city village harbour castle church museum football wedding birthday recipe handmade leather cotton silver gold""".split()


def picture(number):
    """The bytes of one JPEG; the same for the same number."""
    import numpy as np
    from PIL import Image
    chance = np.random.default_rng(number)
    width, height = SIZES[number % len(SIZES)]
    if chance.integers(2):
        width, height = height, width
    pixels = np.full((height, width, 3), chance.integers(60, 196, 3), np.float32)
    cells, loud = 3, 50.0
    while cells < min(width, height):
        rough = Image.fromarray(chance.integers(0, 256, (cells, cells * width // height + 1, 3), np.uint8))
        pixels += (np.asarray(rough.resize((width, height), Image.BICUBIC), np.float32) - 127.5) * (loud / 127.5)
        cells, loud = cells * 2, max(loud / 1.7, FINEST)
    for _ in range(12):
        left, top = chance.integers(0, width), chance.integers(0, height)
        wide, high = chance.integers(8, width // 3), chance.integers(8, height // 3)
        pixels[top:top + high, left:left + wide] += chance.integers(-70, 70, 3)
    written = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(
        written, "JPEG", quality=int(chance.choice(QUALITIES)))
    return written.getvalue()


def caption(number):
    chance = random.Random(number)
    return " ".join(chance.choices(WORDS, k=chance.randint(4, 18)))


def write(folder, count):
    """So many pictures and their captions; what is there already stays."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(count) if not (folder / f"{number:05}.jpg").is_file()]
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for number, body in zip(missing, pool.map(picture, missing)):
            (folder / f"{number:05}.jpg").write_bytes(body)
    lines = [{"file": f"{number:05}.jpg", "captions": [caption(number)]} for number in range(count)]
    (folder / "captions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def read(folder, most=None):
    """Bytes and captions of a folder's pictures."""
    lines = [json.loads(line) for line in (Path(folder) / "captions.jsonl").read_text().splitlines()[:most]]
    return [((Path(folder) / line["file"]).read_bytes(), line["captions"][0]) for line in lines]
