#!/usr/bin/env python3
"""Seeds the corpora from the conformance suite: fuzz/corpus/<target>/, one file an input.

    python3 fuzz/seed.py
"""

import base64
import hashlib
import json
import pathlib

HERE = pathlib.Path(__file__).parent
SUITE = HERE.parent / "consent" / "conformance"


def write(target, data):
    if not data:
        return
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)


def body(part):
    if "body_base64" in part:
        return base64.b64decode(part["body_base64"])
    return part.get("body", "").encode()


def png_chunks(data, kind):
    """Contents of the chunks of one type; what is cut off is left out."""
    place = 8
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        if data[place + 4 : place + 8] == kind:
            yield data[place + 8 : place + 8 + length]
        place += 12 + length


# As SiteFile::ALL has them: the first byte of an input chooses one.
FILES = ["/robots.txt", "/.well-known/tdmrep.json", "/ai.txt", "/.well-known/ai.txt", "/trust.txt", "/.well-known/trust.txt"]

for path in sorted(SUITE.glob("*.jsonl")):
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line:
            continue
        case = json.loads(line)
        write("eval", line.encode())
        page, image = case.get("page", {}), case.get("image", {})
        write("page", page.get("html", "").encode())
        write("words", image.get("alt", "").encode())
        write("lists", "\n".join(case.get("lists", [])).encode())
        for part in (page, image):
            headers = "\n".join(f"{name}: {value}" for name, value in part.get("headers", []))
            write("headers", headers.encode())
        for files in case.get("origins", {}).values():
            for place, answer in files.items():
                data = body(answer)
                if place == "/robots.txt":
                    write("robots", data)
                elif place in FILES:
                    write("site_files", bytes([FILES.index(place)]) + data)
                elif b"<rsl" in data:
                    write("rsl", data)
        data = body(image)
        write("file", data)
        for chunk in png_chunks(data, b"caBX"):
            write("c2pa", chunk)
        for chunk in png_chunks(data, b"eXIf"):
            write("exif", chunk)
        start, end = data.find(b"<x:xmpmeta"), data.find(b"</x:xmpmeta>")
        if 0 <= start < end:
            write("xmp", data[start : end + 12])
        iim = data.find(b"\x1c\x02")
        if iim >= 0:
            write("iptc", data[iim : iim + 512])
