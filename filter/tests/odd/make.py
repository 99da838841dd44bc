"""Writes the odd pictures beside it, and prints what imagehash says of `waves.png`.

python3 -m venv v && v/bin/pip install pillow imagehash exifread && v/bin/python make.py
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

# Colour profiles, put together by hand (ICC.1:2022), so that they are the repository's own.

def icc(space, tags, pcs=b"XYZ ", kind=b"mntr"):
    table, body, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags:
        table += name + struct.pack(">II", at, len(data))
        data += b"\0" * (-len(data) % 4)
        body += data
        at += len(data)
    head = struct.pack(">I4sI4s4s4s12s4s4sIII8sI", at, b"none", 0x02400000, kind, space, pcs,
                       struct.pack(">6H", 2026, 1, 1, 0, 0, 0), b"acsp", b"\0\0\0\0", 0, 0, 0, b"\0" * 8, 0)
    head += struct.pack(">iii", *(round(v * 65536) for v in (0.9642, 1.0, 0.8249)))
    return (head + b"\0" * (128 - len(head))) + struct.pack(">I", len(tags)) + table + body

def words(text):
    return b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text.encode() + b"\0" + b"\0" * 78

def xyz(*values):
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(v * 65536) for v in values))

def gamma(value):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"

def srgb_curve():
    values = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (i / 1023 for i in range(1024))]
    return b"curv\0\0\0\0" + struct.pack(">I1024H", 1024, *(round(v * 65535) for v in values))

def matrix_profile(name, primaries, curve):
    tags = [(b"desc", words(name)), (b"cprt", b"text\0\0\0\0none\0"), (b"wtpt", xyz(0.9642, 1.0, 0.8249))]
    tags += [(tag, xyz(*colour)) for tag, colour in zip((b"rXYZ", b"gXYZ", b"bXYZ"), primaries)]
    tags += [(tag, curve) for tag in (b"rTRC", b"gTRC", b"bTRC")]
    return icc(b"RGB ", tags)

# Primaries adapted to D50.
P3 = matrix_profile("Display P3", [(0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)], srgb_curve())
SRGB = matrix_profile("sRGB", [(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)], srgb_curve())
GREY = icc(b"GRAY", [(b"desc", words("Grey gamma 1.0")), (b"cprt", b"text\0\0\0\0none\0"),
                     (b"wtpt", xyz(0.9642, 1.0, 0.8249)), (b"kTRC", gamma(1.0))])

def press():
    """Four inks on paper, as a table of their sixteen corners (lut8Type) in Lab."""
    def lab(c, m, y, k):
        light = lambda ink: (1 - 0.9 * ink) * (1 - 0.95 * k)
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (light(c), light(m), light(y))]
        columns = [(0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)]
        sums = [sum(linear[i] * columns[i][j] for i in range(3)) / white for j, white in enumerate((0.9642, 1.0, 0.8249))]
        f = [v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in sums]
        return [round((116 * f[1] - 16) * 2.55), round(500 * (f[0] - f[1])) + 128, round(200 * (f[1] - f[2])) + 128]
    corners = [lab(c, m, y, k) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)]
    lut = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    lut += bytes(range(256)) * 4 + bytes(v for corner in corners for v in corner) + bytes(range(256)) * 3
    return icc(b"CMYK", [(b"desc", words("Four inks")), (b"cprt", b"text\0\0\0\0none\0"),
                         (b"wtpt", xyz(0.9642, 1.0, 0.8249)), (b"A2B0", lut)], pcs=b"Lab ", kind=b"prtr")

from PIL import ImageCms
COLOURS = [(200, 100, 50), (60, 160, 90), (90, 80, 200), (128, 128, 128)]

def patches(mode, colours):
    picture = Image.new(mode, (16 * len(colours), 16))
    for i, colour in enumerate(colours):
        picture.paste(colour, (16 * i, 0, 16 * i + 16, 16))
    return picture

def in_srgb(picture, profile):
    """What LittleCMS makes of it."""
    way = ImageCms.buildTransform(io.BytesIO(profile), ImageCms.createProfile("sRGB"), picture.mode, "RGB")
    done = ImageCms.applyTransform(picture, way)
    return [done.getpixel((16 * i + 8, 8)) for i in range(picture.width // 16)]

wide = patches("RGB", COLOURS)
wide.save("p3.jpg", quality=100, subsampling=0, icc_profile=P3)
wide.save("p3.png", icc_profile=P3)
wide.save("p3.webp", lossless=True, icc_profile=P3)
wide.save("p3.avif", quality=100, subsampling="4:4:4", icc_profile=P3)
wide.convert("RGBA").save("p3-alpha.png", icc_profile=P3)
wide.save("srgb.png", icc_profile=SRGB)
wide.save("broken-profile.png", icc_profile=P3[:100] + b"junk" * 30)
wide.save("broken-profile.jpg", quality=100, subsampling=0, icc_profile=P3[:100] + b"junk" * 30)
# A profile in two segments, the second first.
whole = io.BytesIO()
wide.save(whole, "JPEG", quality=100, subsampling=0)
half = len(P3) // 2
part = lambda number, data: b"\xff\xe2" + struct.pack(">H", 16 + len(data)) + b"ICC_PROFILE\0" + bytes([number, 2]) + data
open("p3-two-parts.jpg", "wb").write(whole.getvalue()[:2] + part(2, P3[half:]) + part(1, P3[:half]) + whole.getvalue()[2:])
open("p3-half.jpg", "wb").write(whole.getvalue()[:2] + part(1, P3[:half]) + whole.getvalue()[2:])
print("p3", in_srgb(wide, P3))
grey = patches("L", [20, 80, 200])
grey.save("linear-grey.png", icc_profile=GREY)
grey.save("linear-grey.jpg", quality=100, icc_profile=GREY)
print("linear grey", in_srgb(grey, GREY))
inks = patches("CMYK", [(0, 0, 0, 0), (255, 0, 0, 0), (30, 200, 90, 40), (0, 0, 0, 255)])
inks.save("press.jpg", quality=100, subsampling=0, icc_profile=press())
print("press", in_srgb(inks, press()))

# Bombs beside the pixels: a profile and a text of 64 MiB in a picture of one pixel.
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

def deflated_zeros(count):
    squeeze = zlib.compressobj(9)
    return b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(count >> 20)) + squeeze.flush()

dot = open("dot.png", "rb").read()
bomb = deflated_zeros(64 << 20)
open("bomb-profile.png", "wb").write(dot[:33] + chunk(b"iCCP", b"x\0\0" + bomb) + dot[33:])
open("bomb-text.png", "wb").write(dot[:33] + chunk(b"zTXt", b"x\0\0" + bomb) + dot[33:])
print({name: os.path.getsize(name) for name in ("bomb-profile.png", "bomb-text.png")})

# More formats and their odd ones.
Image.new("RGB", (4, 4), (255, 0, 0)).save("still.gif")
corners().save("lossy.webp", quality=95)
alpha_wide = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
alpha_wide.paste((0, 0, 0, 128), (16, 0, 32, 32))
alpha_wide.save("alpha.webp", lossless=True)
alpha_wide.save("alpha.avif", quality=100, subsampling="4:4:4")
corners(48, 32).save("corners.avif", quality=95, subsampling="4:4:4")
corners(48, 32).save("corners-420.avif", quality=95, subsampling="4:2:0")
corners(48, 32).convert("L").save("grey.avif", quality=95)
for orientation in range(2, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned(orientation).resize((32, 48) if orientation >= 5 else (48, 32), Image.Resampling.NEAREST) \
        .save(f"exif-{orientation}.avif", quality=95, subsampling="4:4:4", exif=exif)

noted = Image.Exif()
noted.update({0x010f: "Fuji", 0x0110: "X100", 0x0112: 1, 0x0131: "darktable 5", 0x0132: "2026:11:30 08:00:00",
              0x013b: "Zo\u00eb Archer".encode(), 0x8298: "(c) Zo\u00eb Archer".encode()})
noted.get_ifd(0x8769)[0x9003] = "2026:11:29 12:00:00"
noted.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
for ending, more in (("jpg", {"quality": 95, "subsampling": 0}), ("png", {}), ("webp", {"lossless": True})):
    corners().save(f"exif-all.{ending}", exif=noted, **more)
import exifread
print({name: str(value) for name, value in exifread.process_file(open("exif-all.jpg", "rb"), details=False).items()})

# What Pillow cannot write: ten bits, limited range, with `avifenc` of libavif where it is installed.
import shutil, subprocess
if shutil.which("avifenc"):
    corners(48, 32).save("corners-48.png")
    subprocess.run("avifenc -d 10 -y 444 -r limited --min 0 --max 8 corners-48.png corners-10.avif", shell=True, check=True)
    os.remove("corners-48.png")
