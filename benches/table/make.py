"""Makes a dataset of made-up rows as `pinakes publish` would lay it out, and beside it the same rows as a Delta table without
partitions in the order in which a crawl meets them.

    python3 make.py FOLDER [ROWS] [DOMAINS]

20 million rows and 500,000 domains unless told otherwise; domains are as large as a power law has it, and two rows in five stand
on a page of another domain. Needs numpy, pyarrow and deltalake.
"""

import json
import os
import sys

import deltalake
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

BUCKETS = 64
PART = 1_000_000
WORDS = np.array("photo image of a the red blue house garden sale new vintage art print summer dog cat woman man street city".split())


def rows_of(number, count, domains):
    """So many rows, the same for the same number."""
    rng = np.random.default_rng(number)
    # The share of the domain of rank r falls with r to the power of 1.1.
    rank = lambda size: np.minimum((rng.pareto(0.35, size) * 3).astype(np.int64), domains * 4) % domains
    image, elsewhere = rank(count), rank(count)
    page = np.where(rng.random(count) < 0.6, image, elsewhere)
    name = rng.integers(0, 1 << 62, count)
    text = lambda values: pa.array(values, pa.string())
    kinds = rng.integers(0, len(WORDS), (count, 8))
    return pa.table(
        {
            "id": name ^ (np.arange(count) << 1),
            "url": text([f"https://img.site{d}.example/media/{n % 997}/{n:016x}.jpg" for d, n in zip(image, name)]),
            "text": text([" ".join(words) for words in WORDS[kinds]]),
            "page_url": text([f"https://www.site{d}.example/{n % 4999}-post.html" for d, n in zip(page, name)]),
            "image_domain": text([f"site{d}.example" for d in image]),
            "page_domain": text([f"site{d}.example" for d in page]),
            "phash": rng.integers(-(1 << 62), 1 << 62, count),
            "width": rng.integers(64, 2000, count, dtype=np.int32),
            "height": rng.integers(64, 2000, count, dtype=np.int32),
            "language": text(rng.choice(["en", "de", "fr", "ja", "es"], count)),
            "similarity": rng.random(count, dtype=np.float32),
            "aesthetic": rng.random(count, dtype=np.float32) * 10,
            "bucket": (image % BUCKETS).astype(np.int32),
        }
    )


def write_dataset(folder, parts, rows):
    """Bucket by bucket, sorted by domain, URL and id; the log by hand, as it stands after one publish."""
    os.makedirs(f"{folder}/_delta_log")
    adds = []
    for bucket in range(BUCKETS):
        table = pa.concat_tables([pq.read_table(part, filters=[("bucket", "=", bucket)]) for part in parts])
        table = table.sort_by([("image_domain", "ascending"), ("url", "ascending"), ("id", "ascending")])
        table = table.drop_columns(["bucket"])
        for part, start in enumerate(range(0, table.num_rows, 262_144)):
            piece = table.slice(start, 262_144)
            path = f"bucket={bucket}/part-made-{part}.parquet"
            os.makedirs(f"{folder}/bucket={bucket}", exist_ok=True)
            pq.write_table(piece, f"{folder}/{path}", row_group_size=8_192, compression="zstd", compression_level=1, write_page_index=True)
            domains = piece["image_domain"]
            scores = pa.compute.min_max(piece["similarity"]).as_py()
            ends = [{"image_domain": domains[at].as_py(), "similarity": scores[key]} for at, key in ((0, "min"), (-1, "max"))]
            stats = {"numRecords": piece.num_rows, "minValues": ends[0], "maxValues": ends[1], "nullCount": {"image_domain": 0, "similarity": 0}}
            size = os.path.getsize(f"{folder}/{path}")
            adds.append({"add": {"path": path, "partitionValues": {"bucket": str(bucket)}, "size": size, "modificationTime": 0, "dataChange": True, "stats": json.dumps(stats)}})
    kinds = {pa.int64(): "long", pa.int32(): "integer", pa.float32(): "float", pa.string(): "string"}
    fields = [{"name": field.name, "type": kinds[field.type], "nullable": True, "metadata": {}} for field in table.schema]
    fields.append({"name": "bucket", "type": "integer", "nullable": False, "metadata": {}})
    schema = json.dumps({"type": "struct", "fields": fields})
    meta = {"id": "00000000-0000-4000-8000-000000000000", "format": {"provider": "parquet", "options": {}}, "schemaString": schema, "partitionColumns": ["bucket"], "configuration": {"pinakes.buckets": str(BUCKETS)}, "createdTime": 0}
    first = [{"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}, {"metaData": meta}]
    first.append({"commitInfo": {"timestamp": 0, "operation": "CREATE TABLE", "run": "made"}})
    write = [{"commitInfo": {"timestamp": 0, "operation": "WRITE", "run": "made", "counts": {"samples": rows}}}, *adds]
    for version, actions in enumerate([first, write]):
        with open(f"{folder}/_delta_log/{version:020}.json", "w") as log:
            log.writelines(json.dumps(action) + "\n" for action in actions)


def main():
    folder = sys.argv[1]
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000_000
    domains = int(sys.argv[3]) if len(sys.argv) > 3 else 500_000
    os.makedirs(f"{folder}/parts")
    parts = []
    for number, start in enumerate(range(0, rows, PART)):
        table = rows_of(number, min(PART, rows - start), domains)
        parts.append(f"{folder}/parts/{number}.parquet")
        pq.write_table(table, parts[-1], compression="zstd")
        deltalake.write_deltalake(f"{folder}/delta", table.drop_columns(["bucket"]), mode="append")
    write_dataset(f"{folder}/dataset", parts, rows)
    for part in parts:
        os.remove(part)
    os.rmdir(f"{folder}/parts")


main()
