"""Writes the odd pictures beside it, and prints what imagehash says of `waves.png`.

python3 -m venv v && v/bin/pip install pillow imagehash && v/bin/python make.py
All pictures are drawn here, so they are under the repository's licences.
"""
import io, math, os, struct, zlib
from PIL import Image
import imagehash

os.chdir(os.path.dirname(os.path.abspath(__file__)))

def corners(width=24, height=16):
    """Red, green / blue, white quarters: any turn or mirror shows."""
    picture = Image.new("RGB", (width, height))
    for y in range(height):
        for x in range(width):
            right, low = x >= width // 2, y >= height // 2
            picture.putpixel((x, y), [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)][right + 2 * low])
    return picture

def turned(orientation):
    """`corners` stored so that a viewer that minds `orientation` shows `corners` again."""
    undo = {2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270}
    return corners().transpose(undo[orientation])

for orientation in range(2, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned(orientation).save(f"exif-{orientation}.jpg", quality=95, subsampling=0, exif=exif)

corners().save("corners.jpg", quality=95, subsampling=0)
corners().convert("L").save("grey.jpg", quality=95)
corners().convert("CMYK").save("cmyk.jpg", quality=95)
corners().save("progressive.jpg", quality=95, subsampling=0, progressive=True)
Image.new("RGB", (1, 1), (10, 200, 30)).save("dot.png")
Image.new("RGB", (1, 1), (10, 200, 30)).save("dot.jpg", quality=95, subsampling=0)

alpha = Image.new("RGBA", (2, 1))
alpha.putpixel((0, 0), (255, 0, 0, 0))
alpha.putpixel((1, 0), (0, 0, 0, 128))
alpha.save("alpha.png")
palette = Image.new("P", (2, 1))
palette.putpalette([255, 0, 0, 0, 0, 255])
palette.putpixel((1, 0), 1)
palette.save("palette-transparent.png", transparency=0)
Image.new("I;16", (2, 2), 0x8000).save("grey-16.png")
Image.new("LA", (2, 2), (0, 0)).save("grey-alpha.png")

frames = [Image.new("RGB", (4, 4), colour) for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))]
frames[0].save("animated.gif", save_all=True, append_images=frames[1:], duration=100)
frames[0].save("animated.webp", save_all=True, append_images=frames[1:], duration=100, lossless=True)
corners().save("lossless.webp", lossless=True)

def bomb_png(width, height):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")

open("bomb.png", "wb").write(bomb_png(60000, 60000))
data = bytearray(open("dot.jpg", "rb").read())
at = data.index(b"\xff\xc0")
data[at + 5:at + 9] = struct.pack(">HH", 65500, 65500)
open("bomb.jpg", "wb").write(data)
gif = bytearray(open("animated.gif", "rb").read())
gif[6:10] = struct.pack("<HH", 65535, 65535)
open("bomb.gif", "wb").write(gif)

waves = Image.new("RGB", (97, 61))
for y in range(61):
    for x in range(97):
        waves.putpixel((x, y), (int(127 + 120 * math.sin(x / 9)), int(127 + 120 * math.cos(y / 7)), (x * y) % 256))
waves.save("waves.png")
for name in ("waves.png", "corners.jpg"):
    number = int(str(imagehash.phash(Image.open(name))), 16)
    print(name, number - (1 << 64) if number >> 63 else number)
