"""Takes 200 domains and then 200,000 URLs out of both tables of make.py: files touched, CPU seconds, and a search for traces.

    python3 takedown.py FOLDER PINAKES [DOMAINS] [URLS]

PINAKES is a release build. Both tables are changed: make them anew for another run. Needs pyarrow, duckdb and deltalake.
"""

import glob
import resource
import subprocess
import sys

import deltalake
import duckdb

DELTA = """
import sys, deltalake, pyarrow as pa
table = deltalake.DeltaTable(sys.argv[1])
column, wanted = sys.argv[2], open(sys.argv[3]).read().split()
if column == "image_domain":
    names = ", ".join(f"'{name}'" for name in wanted)
    told = table.delete(f"image_domain in ({names}) or page_domain in ({names})")
else:
    told = table.merge(pa.table({"gone": wanted}), "url = gone").when_matched_delete().execute()
print(told)
"""


def cpu(command):
    """What a command says, and its seconds of processor time and peak memory in MiB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return said, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, after.ru_maxrss // 1024


def active(table):
    return set(deltalake.DeltaTable(table).file_uris())


def traces(folder, wanted):
    """Rows of any Parquet file, of any version, whose URL is among those."""
    files = glob.glob(f"{folder}/bucket=*/*.parquet")
    duckdb.execute("create or replace table gone as select unnest(?) as url", [wanted])
    query = "select count(*) from read_parquet(?, hive_partitioning = false) where url in (from gone) or page_url in (from gone)"
    return duckdb.execute(query, [files]).fetchone()[0]


def main():
    folder, pinakes = sys.argv[1:3]
    domains = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    urls = int(sys.argv[4]) if len(sys.argv) > 4 else 200_000
    dataset, delta = f"{folder}/dataset", f"{folder}/delta"
    files = f"read_parquet('{dataset}/bucket=*/*.parquet', hive_partitioning = false)"
    # Domains of every size, evenly over the ranks; URLs by hash, all over the table.
    some = duckdb.execute(f"select image_domain from {files} group by 1 order by hash(image_domain) limit {domains}").fetchall()
    many = duckdb.execute(f"select url from {files} order by hash(url) limit {urls}").fetchall()
    for kind, column, wanted in (("domain", "image_domain", some), ("url", "url", many)):
        wanted = [name for (name,) in wanted]
        with open(f"{folder}/{kind}.csv", "w") as out:
            out.write("type,value\n" + "".join(f"{kind},{name}\n" for name in wanted))
        with open(f"{folder}/{kind}.txt", "w") as out:
            out.write("\n".join(wanted))
        before = active(dataset)
        _, ours, memory = cpu([pinakes, "optout", "apply", dataset, f"{folder}/{kind}.csv"])
        touched = len(before - active(dataset))
        print(f"{len(wanted)} {kind}s: ours {ours:.1f} s of CPU, {memory} MiB, {touched} of {len(before)} files", flush=True)
        before = active(delta)
        _, theirs, memory = cpu([sys.executable, "-c", DELTA, delta, column, f"{folder}/{kind}.txt"])
        touched = len(before - active(delta))
        print(f"  delta {theirs:.1f} s of CPU, {memory} MiB (peak of all so far), {touched} of {len(before)} files: {theirs / ours:.1f} x")
        if kind == "url":
            print(f"  traces left: {traces(dataset, wanted)}")


main()
