"""Pictures made by a formula, squeezed into squares of 24 pixels by Pillow's BICUBIC, as SigLIP's preprocessing does it: writes
squeezed.csv beside it.

    pip install pillow==13.0.0
    python squeezed.py
"""

import pathlib

import numpy as np
from PIL import Image

SIDE = 24


def picture(width, height):
    y, x = np.mgrid[:height, :width]
    return np.stack([(x * 7 + y * 13 + channel * 50 + x * y % 31 * 5) % 256 for channel in range(3)], -1).astype(np.uint8)


lines = ["width,height,rgb"]
for width, height in [(50, 30), (97, 61), (20, 45), (24, 24), (7, 200)]:
    squeezed = Image.fromarray(picture(width, height)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    lines.append(f"{width},{height},{squeezed.tobytes().hex()}")
pathlib.Path(__file__).with_name("squeezed.csv").write_text("\n".join(lines) + "\n")
