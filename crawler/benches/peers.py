"""The same work as ours with other people's packages, for `archives.rs`, which starts this.

    peers.py fastwarc-selectolax|warcio-bs4 ARCHIVE.warc.gz OUT.parquet ROUNDS
    peers.py orjson RECORDS.jsonl - ROUNDS

Of each HTML response: every img with an alt text and a src, as absolute URL, alt, page, archive and
offset, in one Parquet file. Of each record of a WAT: the same URL, alt and page, in memory. Prints a line of
JSON: the name, the best round's CPU seconds (user and system, of the whole process), pairs and pages.
"""

import json
import os
import resource
import sys
from urllib.parse import urljoin


def seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Rows:
    def __init__(self, archive):
        self.archive = os.path.basename(archive)
        self.pages = 0
        self.columns = {"url": [], "alt": [], "page_url": [], "archive": [], "offset": []}

    def add(self, src, alt, base, page, offset):
        src, alt = (src or "").strip(), " ".join((alt or "").split())
        if not src or not alt:
            return
        try:
            url = urljoin(base, src)
        except ValueError:
            return
        for name, value in zip(self.columns, (url, alt, page, self.archive, offset)):
            self.columns[name].append(value)

    def write(self, path):
        import pyarrow
        import pyarrow.parquet

        pyarrow.parquet.write_table(pyarrow.table(self.columns), path, compression="zstd")
        return len(self.columns["url"]), self.pages


def join(page, base):
    try:
        return urljoin(page, base) if base else page
    except ValueError:
        return page


def is_html(media_type):
    return (media_type or "").split(";")[0].strip().lower() in ("text/html", "application/xhtml+xml")


def text(body, charset):
    try:
        return body.decode(charset or "utf-8", errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")


def fastwarc_selectolax(archive, out):
    from fastwarc.warc import ArchiveIterator, WarcRecordType
    from selectolax.lexbor import LexborHTMLParser

    rows = Rows(archive)
    with open(archive, "rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True):
            if record.http_headers is None or record.http_headers.status_code != 200:
                continue
            if not is_html(record.http_content_type):
                continue
            rows.pages += 1
            page, offset = record.headers["WARC-Target-URI"], record.stream_pos
            body, charset = record.reader.read(), record.http_charset
            # Bytes in UTF-8 are parsed as they are, which is the fastest way.
            is_utf8 = charset is None or charset.lower() in ("utf-8", "utf8")
            tree = LexborHTMLParser(body if is_utf8 else text(body, charset))
            base = tree.css_first("base[href]")
            base = join(page, base.attributes["href"] if base else None)
            for image in tree.css("img[alt][src]"):
                attributes = image.attributes
                rows.add(attributes["src"], attributes["alt"], base, page, offset)
    return rows.write(out)


def warcio_bs4(archive, out):
    from bs4 import BeautifulSoup
    from warcio.archiveiterator import ArchiveIterator

    rows = Rows(archive)
    with open(archive, "rb") as file:
        records = ArchiveIterator(file)
        for record in records:
            if record.rec_type != "response" or record.http_headers is None:
                continue
            media_type = record.http_headers.get_header("Content-Type")
            if record.http_headers.get_statuscode() != "200" or not is_html(media_type):
                continue
            rows.pages += 1
            page, body = record.rec_headers.get_header("WARC-Target-URI"), record.content_stream().read()
            # Only after the body: to know it, the package reads the record to its end.
            offset = records.get_record_offset()
            charset = media_type.lower().partition("charset=")[2].split(";")[0].strip("\"' ")
            tree = BeautifulSoup(text(body, charset), "lxml")
            base = tree.find("base", href=True)
            base = join(page, base["href"] if base else None)
            for image in tree.find_all("img", alt=True, src=True):
                rows.add(image["src"], image["alt"], base, page, offset)
    return rows.write(out)


def orjson_loop(lines):
    import orjson

    pairs, pages = [], 0
    for line in lines:
        envelope = orjson.loads(line)["Envelope"]
        response = envelope["Payload-Metadata"].get("HTTP-Response-Metadata")
        html = response and response.get("HTML-Metadata")
        if html is None or response["Response-Message"]["Status"] != "200":
            continue
        pages += 1
        page = envelope["WARC-Header-Metadata"]["WARC-Target-URI"]
        for link in html.get("Links", ()):
            if link.get("path") == "IMG@/src":
                alt = link.get("alt")
                if alt and link.get("url") and not alt.isspace():
                    pairs.append((link["url"], alt, page))
    return len(pairs), pages


def main():
    name, source, out, rounds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    if name == "orjson":
        with open(source, "rb") as file:
            lines = file.read().splitlines()
        work = lambda: orjson_loop(lines)  # noqa: E731
    else:
        peer = {"fastwarc-selectolax": fastwarc_selectolax, "warcio-bs4": warcio_bs4}[name]
        work = lambda: peer(source, out)  # noqa: E731
    best = float("inf")
    for _ in range(rounds):
        start = seconds()
        pairs, pages = work()
        best = min(best, seconds() - start)
    print(json.dumps({"name": name, "seconds": best, "pairs": pairs, "pages": pages}))


main()
