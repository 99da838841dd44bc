#!/usr/bin/env python3
"""The peer of our takedowns: a Delta table without partitions, and rows deleted from it by `deltalake`.

    delta_delete.py FOLDER make FILES         makes it of Parquet files, rows in no order
    delta_delete.py FOLDER domain|url LIST    deletes what the list names, by picture or page, and vacuums
"""
import sys

import deltalake
import duckdb

ROWS_PER_FILE = 2_500_000


def make(folder, files):
    base = duckdb.connect()
    base.execute("set preserve_insertion_order = false")
    rows = base.execute(f"select count(*) from read_parquet('{files}')").fetchone()[0]
    parts = max(1, rows // ROWS_PER_FILE)
    import os

    os.makedirs(folder, exist_ok=True)
    # A part at a time: a sort of everything wants more memory than there may be.
    for part in range(parts):
        base.execute(
            f"copy (select * exclude (bucket) from read_parquet('{files}', hive_partitioning = true) "
            f"where hash(id) % {parts} = {part} order by hash(id, 1)) to '{folder}/part-{part}.parquet' (compression zstd)"
        )
    deltalake.convert_to_deltalake(folder)


def delete(folder, kind, path):
    values = [line.strip().replace("'", "''") for line in open(path)]
    named = ", ".join(f"'{value}'" for value in values)
    columns = ("image_domain", "page_domain") if kind == "domain" else ("url", "page_url")
    table = deltalake.DeltaTable(folder)
    told = table.delete(" or ".join(f"{column} in ({named})" for column in columns))
    deltalake.DeltaTable(folder).vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    print(f"{told['num_deleted_rows']} rows, {told['num_removed_files']} files")


if __name__ == "__main__":
    folder, job, given = sys.argv[1:]
    make(folder, given) if job == "make" else delete(folder, job, given)
