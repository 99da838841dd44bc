"""Whether a dataset's folder holds a trace of what was taken out: a search of all files, in their bytes and in their texts."""
import os
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import deltalake
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# Columns with an address or a domain in each row: whole values are looked up. In all others it may stand anywhere.
ADDRESSES, DOMAINS = ("url", "page_url", "final_url"), ("image_domain", "page_domain")
# The lists that keep it out, and the receipts: they must name what was asked for, and may name nothing beyond.
ASKED = "_optout"


class Sought:
    """URLs and domains that must be nowhere. URLs are found at any place of any bytes: at each `http`, in all their lengths."""

    def __init__(self, urls, domains):
        self.urls = {url.encode() for url in urls}
        self.domains = {domain.encode() for domain in domains}
        self.all = self.urls | self.domains
        self.lengths = sorted({len(url) for url in self.urls})
        self.values = [pa.array(sorted(values), pa.binary()).cast(pa.string()) for values in (self.urls, self.domains)]
        assert all(url.startswith(b"http") for url in self.urls)

    def in_bytes(self, data):
        found, at = set(), data.find(b"http")
        while at >= 0:
            found.update(part for length in self.lengths if (part := data[at : at + length]) in self.urls)
            at = data.find(b"http", at + 4)
        return found


def whole_values(columns, values):
    """Which of `values` columns hold, or their dictionary pages although no row has them."""
    every = pa.chunked_array([chunk.dictionary for column in columns for chunk in column.chunks], pa.string())
    return {value.encode() for value in every.filter(pc.is_in(every, values)).to_pylist()}


def texts(array):
    """The bytes of all texts in an array, those in dictionaries, lists, maps and structs, too."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        inner = [array.dictionary]
    elif pa.types.is_struct(kind):
        inner = array.flatten()
    elif pa.types.is_map(kind):
        inner = [array.keys, array.items]
    elif pa.types.is_list(kind):
        inner = [array.flatten()]
    else:
        if (pa.types.is_string(kind) or pa.types.is_binary(kind)) and (data := array.buffers()[2]):
            yield data.to_pybytes()
        return
    for part in inner:
        yield from texts(part)


def ranges(metadata):
    """The least and largest texts of row groups, as the footer tells them."""
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            column = metadata.row_group(group).column(place)
            if column.physical_type == "BYTE_ARRAY" and column.is_stats_set and column.statistics.has_min_max:
                for text in (column.statistics.min, column.statistics.max):
                    yield text.encode() if isinstance(text, str) else text


def in_texts(path, sought):
    """What of it a Parquet file holds once it is decoded."""
    metadata = pq.read_metadata(path)
    columns = [metadata.schema.column(place) for place in range(metadata.num_columns)]
    paths = [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
    # As dictionaries, which the reader does not know within others.
    flat = [path for path in paths if "." not in path]
    rows = pq.ParquetFile(path, read_dictionary=flat).read(columns=paths, use_threads=False)
    columns = dict(zip(rows.column_names, rows.columns))
    found = sought.all.intersection(ranges(metadata))
    for names, values in zip((ADDRESSES, DOMAINS), sought.values):
        found |= whole_values([columns[name] for name in names if name in columns], values)
    for name, column in columns.items():
        if name not in ADDRESSES:
            for chunk in column.chunks:
                for data in texts(chunk):
                    found |= sought.in_bytes(data)
    return found


def files_of(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def search(folder, urls, domains, asked):
    """Ends with an error if a file below `folder` holds one of `urls`, or a row that lies on one of `domains`."""
    sought, beyond = Sought(urls, domains), Sought(set(urls) - set(asked), ())

    def look(path):
        data, within = path.read_bytes(), path.relative_to(folder).parts[0]
        # Not only logs and accounts: what Parquet files have beside their pages is not compressed either.
        found = (beyond if within == ASKED else sought).in_bytes(data)
        named = set()
        if ".parquet" in path.name:
            found |= in_texts(path, sought)
        elif within != ASKED:
            named = sought.domains.intersection(re.findall(rb"[\w.-]+", data))
        return path, len(data), found, named

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        looked = list(pool.map(look, files_of(folder)))
    for path, _, found, _ in looked:
        if found:
            some = ", ".join(text.decode() for text in sorted(found)[:3])
            raise SystemExit(f"a trace: {path} holds {len(found):,} of what was taken out: {some}")
    tables = sum(".parquet" in path.name for path, *_ in looked)
    size = sum(size for _, size, *_ in looked) / 1e9
    told = f"no trace: {len(sought.urls):,} URLs, {len(looked)} files of {size:.2f} GB, {tables} of them decoded, 0 found"
    if domains:
        named = set().union(*(named for *_, named in looked))
        told += f"; of {len(sought.domains)} domains none in a row, {len(named)} in the logs as the end of a file's range"
    return told


def only_latest(folder):
    """Ends with an error if the tables' files are others than those that their latest versions read."""
    latest = set()
    for table in (folder, folder / "_ledger"):
        latest.update(unquote(uri).removeprefix("file://") for uri in deltalake.DeltaTable(table).file_uris())
    lying = {str(path) for path in files_of(folder.resolve()) if ".parquet" in path.name}
    if lying != latest:
        odd = sorted(lying ^ latest)
        raise SystemExit(f"{len(odd)} files lie there that no version reads, or are missing: {odd[:3]}")
    return f"no old version: {len(lying)} files lie there, and the latest version reads all of them"
