"""The peers of `decode.rs`: prints pictures a second on one core, and writes what they made as PNG.

peers.py img2dataset|pillow MODE FOLDER OUT
"""
import glob, io, os, sys, time

peer, mode, folder, out = sys.argv[1:]
photos = [open(name, "rb").read() for name in sorted(glob.glob(os.path.join(folder, "*.jpg")))]

if peer == "img2dataset":
    from img2dataset.resizer import Resizer
    resizer = Resizer(256, mode, False, encode_format="jpg", encode_quality=95)
    lossless = Resizer(256, mode, False, encode_format="png", encode_quality=1)
    work = lambda data: resizer(io.BytesIO(data))
    keep = lambda data: lossless(io.BytesIO(data))[0]
else:
    from PIL import Image
    def work(data):
        picture = Image.open(io.BytesIO(data))
        side = min(picture.size) if mode == "keep_ratio" else max(picture.size)
        size = tuple(max(1, round(length * 256 / side)) for length in picture.size)
        # `draft` is Pillow's way of decoding fewer pixels.
        picture.draft("RGB", tuple(length * 3 // 2 for length in size))
        picture = picture.convert("RGB").resize(size, Image.Resampling.BICUBIC)
        if mode == "border":
            square = Image.new("RGB", (256, 256), (255, 255, 255))
            square.paste(picture, ((256 - size[0]) // 2, (256 - size[1]) // 2))
            picture = square
        picture.save(io.BytesIO(), "JPEG", quality=95)
    keep = None

def rate():
    start = time.process_time()
    for data in photos:
        work(data)
    return len(photos) / (time.process_time() - start)

best = max(rate() for _ in range(3))
if keep:
    for number, data in enumerate(photos):
        stored = keep(data)
        if stored:
            open(os.path.join(out, f"{number}.png"), "wb").write(stored)
print(best)
