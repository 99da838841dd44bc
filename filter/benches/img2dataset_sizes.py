"""Prints the sizes that img2dataset's own Resizer gives to odd pictures: `img2dataset_sizes.csv`.

python3 -m venv v && v/bin/pip install img2dataset==1.47.0 && v/bin/python img2dataset_sizes.py > img2dataset_sizes.csv
"""
import io
from PIL import Image
from img2dataset.resizer import Resizer

SIZES = [(640, 480), (480, 640), (100, 100), (256, 256), (257, 256), (256, 257), (255, 256), (300, 7), (7, 300), (1, 1),
         (1, 600), (600, 1), (513, 511), (333, 500), (1000, 3), (511, 2), (1023, 767), (5, 4), (255, 511), (2, 511),
         (3, 512), (85, 170), (1365, 768), (1024, 683), (683, 1024), (427, 640), (2048, 1), (514, 257)]

print("width,height,mode,only_if_bigger,to_width,to_height,as_received")
for width, height in SIZES:
    picture = io.BytesIO()
    Image.new("RGB", (width, height), (10, 60, 200)).save(picture, "PNG")
    for mode in ("no", "border", "keep_ratio", "keep_ratio_largest", "center_crop"):
        for only_if_bigger in (False, True):
            resizer = Resizer(256, mode, only_if_bigger, encode_format="png", encode_quality=0, skip_reencode=True)
            stored, to_width, to_height, _, _, error = resizer(io.BytesIO(picture.getvalue()))
            assert error is None, error
            print(width, height, mode, only_if_bigger, to_width, to_height, stored == picture.getvalue(), sep=",")
