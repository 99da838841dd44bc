#!/usr/bin/env python3
"""The peer of our takedowns: a Delta table without partitions, and rows deleted from it by `deltalake`.

    delta_delete.py FOLDER make FILES         makes it of Parquet files, rows in no order
    delta_delete.py FOLDER domain|url LIST    deletes what the list names, by picture or page, and vacuums

A short list is deleted by `in`. A long one kills `deltalake` so, and is deleted by a merge for each column: joined by `or`
of both it were every row beside every value. A column that holds none of the values is told by DuckDB, which is cheaper
than a merge that finds nothing.
"""
import os
import sys

# It warns of each column of which it keeps no range.
os.environ.setdefault("RUST_LOG", "error")

import deltalake
import duckdb
import pyarrow as pa

ROWS_PER_FILE = 2_500_000
LONG = 10_000
COLUMNS = {"domain": ("image_domain", "page_domain"), "url": ("url", "page_url")}


def make(folder, files):
    base = duckdb.connect()
    base.execute("set preserve_insertion_order = false")
    rows = base.execute(f"select count(*) from read_parquet('{files}')").fetchone()[0]
    parts = max(1, rows // ROWS_PER_FILE)
    os.makedirs(folder, exist_ok=True)
    # A part at a time: a sort of everything wants more memory than there may be.
    for part in range(parts):
        base.execute(
            f"copy (select * exclude (bucket) from read_parquet('{files}', hive_partitioning = true) "
            f"where hash(id) % {parts} = {part} order by hash(id, 1)) to '{folder}/part-{part}.parquet' (compression zstd)"
        )
    deltalake.convert_to_deltalake(folder)


def delete_in(folder, columns, values):
    values = [value.replace("'", "''") for value in values]
    named = ", ".join(f"'{value}'" for value in values)
    told = deltalake.DeltaTable(folder).delete(" or ".join(f"{column} in ({named})" for column in columns))
    return told["num_deleted_rows"], told["num_removed_files"]


def delete_by_merge(folder, columns, values):
    # A row of the target may be matched once only.
    named = pa.table({"value": pa.array(sorted(set(values)))})
    base = duckdb.connect()
    base.register("named", named)
    rows, files = 0, 0
    for column in columns:
        table = deltalake.DeltaTable(folder)
        held = f"select 1 from read_parquet({table.file_uris()}) semi join named on {column} = value limit 1"
        if not base.execute(held).fetchone():
            continue
        merge = table.merge(
            named, f"target.{column} = source.value", source_alias="source", target_alias="target", streamed_exec=False
        )
        told = merge.when_matched_delete().execute()
        rows += told["num_target_rows_deleted"]
        files += told["num_target_files_removed"]
    return rows, files


def delete(folder, kind, path):
    with open(path) as file:
        values = [line.strip() for line in file]
    way = delete_by_merge if len(values) > LONG else delete_in
    rows, files = way(folder, COLUMNS[kind], values)
    deltalake.DeltaTable(folder).vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    print(f"{rows} rows, {files} files")


if __name__ == "__main__":
    folder, job, given = sys.argv[1:]
    make(folder, given) if job == "make" else delete(folder, job, given)
