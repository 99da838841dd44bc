#!/usr/bin/env python3
"""Seeds the corpora from the conformance suite: fuzz/corpus/<target>/, one file an input. And makes the dictionary of
the `html` target out of what the tests' tag soup is made of: fuzz/html.dict.

    python3 fuzz/seed.py
"""

import base64
import gzip
import hashlib
import json
import pathlib
import zlib

HERE = pathlib.Path(__file__).parent
SUITE = HERE.parent / "consent" / "conformance"
SOUP = HERE.parent / "markup" / "tests" / "soup.txt"


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
        write("html", page.get("html", "").encode())
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


def quoted(text):
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}" for byte in text.encode())
    return '"' + "".join(plain) + '"\n'


ingredients = [line for line in SOUP.read_text(encoding="utf-8").split("\n") if line]
(HERE / "html.dict").write_text("".join(quoted(ingredient) for ingredient in ingredients))


def record(url, block, kind="response"):
    digest = base64.b32encode(hashlib.sha1(block).digest()).decode()
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: <{url}>\r\nWARC-Date: 2024-01-02T03:04:05Z\r\n"
        f"WARC-Block-Digest: sha1:{digest}\r\nContent-Type: application/http;\r\n msgtype={kind}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


# Archives: members, plain, one member for all, ARC; bodies in every coding that Python knows.
HTML = b"<html><img src=a.jpg alt='a picture'></html>" * 20
BODIES = [
    ("A: b", HTML),
    ("Content-Encoding: gzip", gzip.compress(HTML)),
    ("Content-Encoding: deflate", zlib.compress(HTML)),
    ("Content-Encoding: deflate", zlib.compress(HTML)[2:-4]),
    ("Content-Encoding: br", bytes.fromhex("8b0280") + HTML[:6] + b"\x03"),
    ("Content-Encoding: zstd", bytes.fromhex("28b52ffd2006310000") + HTML[:6]),
    ("Transfer-Encoding: chunked", b"6\r\n" + HTML[:6] + b"\r\n0\r\nTrailer: x\r\n\r\n"),
    ("Content-Encoding: gzip, gzip\r\nTransfer-Encoding: chunked", b"6\r\n" + gzip.compress(gzip.compress(HTML))),
]
BLOCKS = [f"HTTP/1.1 200 OK\r\n{head}\r\n\r\n".encode() + coded for head, coded in BODIES]
RECORDS = [record(f"http://h.example/{number}", block) for number, block in enumerate(BLOCKS)]
LINES = [f"http://h.example/ 10.0.0.1 20080430204825 text/html {len(block)}\n".encode() for block in BLOCKS]
ARC = b"filedesc://a.arc 0.0.0.0 20080430204825 text/plain 20\n1 0 InternetArchive\n\n"
ARC_RECORDS = [ARC] + [line + block + b"\n" for line, block in zip(LINES, BLOCKS)]
for parts in (RECORDS, RECORDS[:3], RECORDS[4:7], ARC_RECORDS, ARC_RECORDS[:2]):
    members = [gzip.compress(part) for part in parts]
    for archive in (b"".join(members), b"".join(parts), gzip.compress(b"".join(parts))):
        write("archive", archive)
        write("archive", archive[: len(archive) * 2 // 3])
    write("archive", members[0] + b"garbage" + members[1] + bytes(20) + members[0][:40] + members[1])
write("archive", gzip.compress(record("http://h.example/", bytes(3_000_000))))
