#!/usr/bin/env python3
"""Fills an empty dataset with made-up samples: many rows of few domains, few rows of many.

    make.py FOLDER --rows 20000000 --domains 500000

FOLDER was made by `table create` of the bench, so that columns and table properties are those of
the program that is measured. Rows lie where publish would put them: the partition is that of the
image's host, a file is sorted by domain and URL. The same arguments give the same rows.

What is made up and how:
- rows per domain fall off as 1 / rank^0.9, which puts about a sixth of them into the first hundred domains;
- the 200 largest domains are hosts of strangers' pictures, in accounts of 30 whose URLs begin alike and whose pages lie on
  one domain, any; the others show their own pictures, and one in 20 is shown by a page anywhere; the 2,000 largest have many hosts;
- texts are words drawn by rank; URLs, hashes and scores are random.
"""
import argparse
import json
import multiprocessing
import os
import time

import deltalake
import mmh3
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# As the program writes (index/src/table/properties.rs).
ROWS_PER_GROUP = 8_192
ROWS_PER_PAGE = 2_048
OF_MANY_VALUES = (
    "id url text alt title caption page_url archive_offset captured_at final_url fetched_at bytes sha256 phash exif "
    "similarity aesthetic punsafe embedding image cluster"
).split()
AS_THEY_ARE = (
    "id text_source text_flags attempts width height mime phash language license license_url ai_generated scores tags model "
    "consent embedding image cluster"
).split()
NESTED = (
    "text_flags.list.element scores.key_value.key scores.key_value.value tags.list.element consent.mode consent.policy "
    "consent.checked.list.element consent.heard.list.element"
).split()

STRANGERS = 200
MANY_HOSTS = 2_000
ACCOUNT = 30
HOTLINKS = 0.05
SUFFIXES = ["com", "org", "net", "de", "co.uk", "fr", "it", "jp", "nl", "ru", "es", "pl", "com.br", "ca", "com.au", "se"]
LANGUAGES = ["en", "de", "fr", "es", "ru", "ja", "it", "nl", "pl", "pt", None]
SHARES = [0.5, 0.07, 0.06, 0.06, 0.05, 0.05, 0.04, 0.03, 0.03, 0.03, 0.08]
LICENSES = ["CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "CC-BY-NC-4.0", None]
WORDS = 30_000


def domain(number):
    return f"site{number}.{SUFFIXES[number % len(SUFFIXES)]}"


def hosts(rank, number):
    """The hosts of a domain: one for most, up to 400 for the largest."""
    if rank >= MANY_HOSTS:
        return [f"www.{domain(number)}"]
    return [f"i{host}.{domain(number)}" for host in range(max(2, 400 // (rank + 1)))]


def plan(rows, domains, buckets):
    """For each bucket its hosts: (domain number, rank, host, rows)."""
    random = np.random.default_rng(1)
    weights = 1 / np.arange(1, domains + 1) ** 0.9
    counts = np.maximum(1, np.round(weights / weights.sum() * rows)).astype(np.int64)
    counts[0] += rows - counts.sum()
    # A domain's name says nothing of its size.
    numbers = random.permutation(domains)
    parts = [[] for _ in range(buckets)]
    for rank, (number, count) in enumerate(zip(numbers.tolist(), counts.tolist())):
        names = hosts(rank, number)
        for place, host in enumerate(names):
            share = count // len(names) + (place < count % len(names))
            if share:
                bucket = abs(mmh3.hash64(host, 0, x64arch=True)[0]) % buckets
                parts[bucket].append((number, rank, host, share))
    return parts


def strings(prefix, numbers, suffix=""):
    return pc.binary_join_element_wise(prefix, pc.cast(pa.array(numbers), pa.string()), suffix, "")


def texts(random, count, words):
    drawn = [words.take(pa.array(np.minimum(random.zipf(1.3, count), WORDS) - 1)) for _ in range(7)]
    return pc.binary_join_element_wise(*drawn, " ")


def digests(random, count):
    data = random.bytes(count * 32).hex().encode()
    offsets = np.arange(0, count * 64 + 1, 64, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(data))


def rows_of(bucket, part, domains, words):
    random = np.random.default_rng(1_000 + bucket)
    part = sorted(part, key=lambda entry: (domain(entry[0]), entry[2]))
    counts = np.array([entry[3] for entry in part])
    count = int(counts.sum())
    of = np.repeat(np.arange(len(part)), counts)
    rank = np.array([entry[1] for entry in part])[of]
    host = pa.array([entry[2] for entry in part]).take(pa.array(of))
    name = pa.array([domain(entry[0]) for entry in part]).take(pa.array(of))
    # Whose page it stands on: one's own, or anybody's.
    hosted = rank < STRANGERS
    strange = hosted | (random.random(count) < HOTLINKS)
    first = np.repeat(np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
    accounts = (of * 1_000_003 + (np.arange(count) - first) // ACCOUNT) * 2_654_435_761 % (1 << 32) % domains
    others = np.where(hosted, accounts, random.integers(0, domains, count))
    other = pa.array([domain(number) for number in others.tolist()])
    page_domain = pc.if_else(pa.array(strange), other, name)
    page_host = pc.binary_join_element_wise("www", page_domain, ".")
    # Rising numbers in a host, so that files are sorted by URL, too; nine digits, so that text order is theirs.
    serial = 100_000_000 + (np.arange(count) - first) * 37
    path = pa.array([f"/{number:x}/" for number in random.integers(0, 4096, len(part))]).take(pa.array(of))
    url = pc.binary_join_element_wise("https://", host, path, pc.cast(pa.array(serial), pa.string()), ".jpg", "")
    page_url = pc.binary_join_element_wise(
        "https://", page_host, strings("/p/", random.integers(0, 1_000_000, count), ".html"), ""
    )
    text = texts(random, count, words)
    ids = [mmh3.hash64(u + t, 0, x64arch=True)[0] for u, t in zip(url.to_pylist(), text.to_pylist())]
    taken = pa.array(1_716_000_000_000_000 + random.integers(0, 10**12, count), pa.timestamp("us", "UTC"))
    choose = lambda values, shares=None: pa.array(values, pa.string()).take(
        pa.array(random.choice(len(values), count, p=shares))
    )
    columns = {
        "id": pa.array(ids, pa.int64()),
        "url": url,
        "text": text,
        "text_source": choose(["alt", "caption", "title"], [0.9, 0.07, 0.03]),
        "page_url": page_url,
        "image_domain": name,
        "page_domain": page_domain,
        "image_host": host,
        "page_host": page_host,
        "archive": strings("crawl-data/CC-MAIN-2026-22/segments/warc/", random.integers(0, 800, count), ".warc.gz"),
        "archive_offset": pa.array(random.integers(0, 1 << 30, count)),
        "captured_at": taken,
        "final_url": url,
        "attempts": pa.array(np.ones(count, np.int32)),
        "fetched_at": taken,
        "width": pa.array(np.clip(random.lognormal(6.4, 0.7, count), 64, 12_000).astype(np.int32)),
        "height": pa.array(np.clip(random.lognormal(6.3, 0.7, count), 64, 12_000).astype(np.int32)),
        "bytes": pa.array(np.clip(random.lognormal(11, 1, count), 5_000, 1e7).astype(np.int64)),
        "mime": choose(["image/jpeg", "image/png", "image/webp"], [0.8, 0.12, 0.08]),
        "sha256": digests(random, count),
        "phash": pa.array(random.integers(-(1 << 63), (1 << 63) - 1, count)),
        "language": choose(LANGUAGES, SHARES),
        "license": choose(LICENSES, [0.02, 0.02, 0.01, 0.01, 0.94]),
        "similarity": pa.array(np.clip(random.normal(0.31, 0.03, count), 0.28, 0.6).astype(np.float32)),
        "aesthetic": pa.array(np.clip(random.normal(5.0, 0.7, count), 1, 10).astype(np.float32)),
        "punsafe": pa.array(random.beta(0.3, 6, count).astype(np.float32)),
        "model": choose(["clip-vit-b-32@00000000"]),
    }
    return columns, count


def fitted(field, columns, count):
    """A column as the table wants it: ours, or nothing, or empty lists where nothing may not stand."""
    if field.name in columns:
        return columns[field.name].cast(field.type)
    if field.name == "consent":
        stamp = {"mode": "strict", "policy": "1", "checked": ["page-robots", "image-robots"], "heard": []}
        return pa.array([stamp]).cast(field.type).take(pa.array(np.zeros(count, np.int64)))
    if field.nullable:
        return pa.nulls(count, field.type)
    if pa.types.is_list(field.type) or pa.types.is_map(field.type):
        return pa.array([[]], field.type).take(pa.array(np.zeros(count, np.int64)))
    raise SystemExit(f"the table has a column `{field.name}` that this script knows nothing of")


def write(job):
    folder, bucket, part, domains, schema = job
    words = pa.array([f"w{number:x}" if number % 3 else f"word{number}" for number in range(WORDS)])
    columns, count = rows_of(bucket, part, domains, words)
    table = pa.table([fitted(field, columns, count) for field in schema], schema=schema)
    path = f"bucket={bucket}/part-made-0.parquet"
    os.makedirs(f"{folder}/bucket={bucket}", exist_ok=True)
    leaves = [field.name for field in schema if not pa.types.is_nested(field.type)] + NESTED
    pq.write_table(
        table,
        f"{folder}/{path}",
        compression={leaf: "none" if leaf.split(".")[0] in AS_THEY_ARE else "zstd" for leaf in leaves},
        use_dictionary=[leaf for leaf in leaves if leaf not in OF_MANY_VALUES],
        row_group_size=ROWS_PER_GROUP,
        max_rows_per_page=ROWS_PER_PAGE,
        write_page_index=True,
    )
    names = columns["image_domain"]
    scores = columns["similarity"].to_numpy()
    return {
        "path": path,
        "partitionValues": {"bucket": str(bucket)},
        "size": os.path.getsize(f"{folder}/{path}"),
        "modificationTime": 0,
        "dataChange": True,
        "stats": json.dumps({
            "numRecords": count,
            "minValues": {"image_domain": pc.min(names).as_py(), "similarity": float(scores.min())},
            "maxValues": {"image_domain": pc.max(names).as_py(), "similarity": float(scores.max())},
            "nullCount": {"image_domain": 0, "similarity": 0},
        }),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--domains", type=int, default=500_000)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    args = parser.parse_args()
    table = deltalake.DeltaTable(args.folder)
    buckets = int(table.metadata().configuration["pinakes.buckets"])
    schema = pa.schema(table.schema().to_arrow())
    schema = pa.schema([field for field in schema if field.name != "bucket"])
    start = time.time()
    jobs = (
        (args.folder, bucket, part, args.domains, schema)
        for bucket, part in enumerate(plan(args.rows, args.domains, buckets))
        if part
    )
    with multiprocessing.Pool(args.processes) as pool:
        adds = list(pool.imap_unordered(write, jobs))
    info = {"timestamp": 0, "operation": "WRITE", "run": "made", "counts": {"samples": args.rows}}
    lines = [{"commitInfo": info}] + [{"add": add} for add in sorted(adds, key=lambda add: add["path"])]
    with open(f"{args.folder}/_delta_log/{table.version() + 1:020}.json", "x") as log:
        log.writelines(json.dumps(line) + "\n" for line in lines)
    rows = sum(json.loads(add["stats"])["numRecords"] for add in adds)
    size = sum(add["size"] for add in adds)
    print(f"{rows:,} rows, {len(adds)} files, {size / 1e9:.2f} GB, {time.time() - start:.0f} s")


if __name__ == "__main__":
    main()
