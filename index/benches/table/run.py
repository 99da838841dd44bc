#!/usr/bin/env python3
"""Measures a large table beside DuckDB, and takedowns on it beside a Delta delete, in one run.

    run.py OURS FOLDER [--rows N] [--domains N] [--rounds N] [--only WORD,…]

OURS is the bench's own program (`make bench-table` builds it), FOLDER a place for some 20 GB; the
table in it is made once. Each job is a process of its own: processor seconds are those of the
process and its threads (user and system), memory is its peak. What both programs take to start
(for DuckDB: Python and the import) is measured, too, and told; ratios are without it.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
BUCKETS = 256
NAMED_DOMAINS, NAMED_URLS = 200, 200_000
EXCLUDED_DOMAINS, EXCLUDED_URLS = 100_000, 1_000_000
CONDITION = "similarity >= 0.34 and least(width, height) >= 512 and language = 'en'"

DUCK = """
import sys, duckdb
base = duckdb.connect()
base.execute("create view samples as select * from read_parquet('{files}', hive_partitioning = true)")
{job}
"""


def measured(command, rounds=1, before=None):
    """Least processor seconds, with its wall seconds, peak MiB and output."""
    best = None
    for _ in range(rounds):
        if before:
            before()
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        output = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{command[:3]} ended with {child.returncode}")
        cpu = used.ru_utime + used.ru_stime
        if best is None or cpu < best["cpu"]:
            best = {"cpu": cpu, "wall": wall, "mib": used.ru_maxrss / 1024, "out": output.strip()}
    return best


class Bench:
    def __init__(self, args):
        self.ours, self.rounds = args.ours, args.rounds
        self.base = Path(args.folder)
        self.table = self.base / "table"
        self.files = f"{self.table}/bucket=*/*.parquet"
        self.only = args.only.split(",") if args.only else []

    def us(self, *job, **kind):
        return measured([self.ours, *map(str, job)], **kind)

    def duck(self, job, **kind):
        return measured([sys.executable, "-c", DUCK.format(files=self.files, job=job)], **kind)

    def wants(self, job):
        return not self.only or any(word in job for word in self.only)

    def make(self, rows, domains):
        if not (self.table / "_delta_log/00000000000000000001.json").exists():
            shutil.rmtree(self.table, ignore_errors=True)
            self.us("create", self.table, BUCKETS)
            make = [sys.executable, HERE / "make.py", self.table, "--rows", str(rows), "--domains", str(domains)]
            subprocess.run(make, check=True)

    def lists(self):
        """What is looked up, left out and taken out: drawn from the table, the same each time."""
        import duckdb

        where = f"read_parquet('{self.files}', hive_partitioning = true)"
        if not (self.base / "lists.ready").exists():
            ask = duckdb.connect().execute
            # By hash, which says nothing of the size: as those who ask to be taken out.
            domains = f"select image_domain from (select distinct image_domain from {where}) order by hash(image_domain)"
            ask(f"copy ({domains} limit {NAMED_DOMAINS}) to '{self.base}/domains.txt' (header false)")
            ask(f"copy ({domains} limit {EXCLUDED_DOMAINS} offset 1000) to '{self.base}/excluded-domains.txt' (header false)")
            # Half of them is in the table.
            urls = f"select url from {where} where hash(url, 7) % 1000 < 40"
            ask(f"copy (select url from (({urls} limit {EXCLUDED_URLS // 2}) union all select "
                f"'https://nowhere' || i || '.example/' || i || '.jpg' from range({EXCLUDED_URLS // 2}) r(i))) "
                f"to '{self.base}/excluded-urls.txt' (header false)")
            # Artists show their work in a few places: hosts drawn by hash until there are enough, up to a thousand of each.
            urls = (f"select url from (select url, image_host, row_number() over (partition by image_host order by url) as place "
                    f"from {where} where hash(image_host, 3) % 40 = 0) where place <= 1000 order by hash(image_host, 3), url")
            ask(f"copy ({urls} limit {NAMED_URLS}) to '{self.base}/urls.txt' (header false)")
            # And as badly as it can be: anywhere.
            ask(f"copy (select url from {where} order by hash(url, 5) limit {NAMED_URLS}) to '{self.base}/urls-anywhere.txt' (header false)")
            (self.base / "lists.ready").touch()

    def queries(self):
        start = {"us": self.us("sql", self.table, "select 1"), "duck": self.duck("base.execute('select 1').fetchall()", rounds=3)}
        print(f"to start: us {start['us']['cpu']:.2f} s, DuckDB in Python {start['duck']['cpu']:.2f} s of processor time")
        print(f"{'':<16} {'us CPU s':>9} {'DuckDB':>8} {'ratio':>6} {'us wall':>8} {'DuckDB':>8} {'us MiB':>8} {'DuckDB':>8}")
        one = (self.base / "domains.txt").read_text().split()[0]
        jobs = {
            "domain audit": (
                lambda: self.us("audit", self.table, rounds=self.rounds),
                "print(len(base.execute('select image_domain, count(*) as rows from samples group by 1 order by 2 desc, 1').to_arrow_table()))",
            ),
            "threshold subset": (
                lambda: self.us("subset", self.table, CONDITION, self.base / "out", rounds=self.rounds,
                                before=lambda: shutil.rmtree(self.base / "out", ignore_errors=True)),
                f'base.execute("copy (select * exclude (bucket) from samples where {CONDITION} order by image_domain, url, id) '
                f"to '{self.base}/out.parquet' (compression zstd)\")",
            ),
            "anti-join": (
                lambda: self.us("anti-join", self.table, self.base / "excluded-urls.txt", self.base / "excluded-domains.txt", rounds=self.rounds),
                f'''print(base.execute("""
                    select count(*) from samples
                    anti join read_csv('{self.base}/excluded-urls.txt', header = false, columns = {{'url': 'varchar'}}) using (url)
                    anti join read_csv('{self.base}/excluded-domains.txt', header = false, columns = {{'image_domain': 'varchar'}}) using (image_domain)
                    anti join read_csv('{self.base}/excluded-domains.txt', header = false, columns = {{'page_domain': 'varchar'}}) using (page_domain)
                """).fetchall())''',
            ),
            "look-up": (
                lambda: self.us("sql", self.table, f"select * from samples where image_domain = '{one}'", rounds=self.rounds),
                f"print(len(base.execute(\"select * from samples where image_domain = '{one}'\").to_arrow_table()))",
            ),
        }
        for name, (ours, theirs) in jobs.items():
            if not self.wants(name):
                continue
            us, duck = ours(), self.duck(theirs, rounds=self.rounds)
            cpu = [max(0.001, it["cpu"] - start[who]["cpu"]) for who, it in (("us", us), ("duck", duck))]
            print(f"{name:<16} {cpu[0]:>9.2f} {cpu[1]:>8.2f} {cpu[0] / cpu[1]:>6.2f} {us['wall']:>8.2f} {duck['wall']:>8.2f} "
                  f"{us['mib']:>8.0f} {duck['mib']:>8.0f}", flush=True)

    def takedowns(self):
        """On copies: ours partitioned by host bucket, theirs without partitions and in any order."""
        jobs = [("200 domains", "domain", "domains.txt"), ("200 k URLs", "url", "urls.txt"), ("… anywhere", "url", "urls-anywhere.txt")]
        jobs = [job for job in jobs if self.wants(job[0])]
        print(f"{'':<16} {'us CPU s':>9} {'Delta':>8} {'less':>6} {'us wall':>8} {'Delta':>8} {'us MiB':>8} {'Delta':>8}")
        for name, kind, file in jobs:
            mine, theirs = self.base / "mine", self.base / "theirs"
            for folder in (mine, theirs):
                shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self.table, mine)
            self.unpartitioned(theirs)
            us = self.us("takedown", mine, "bench", kind, self.base / file)
            delta = measured([sys.executable, HERE / "delta_delete.py", theirs, kind, self.base / file])
            print(f"{name:<16} {us['cpu']:>9.2f} {delta['cpu']:>8.2f} {delta['cpu'] / us['cpu']:>6.1f} {us['wall']:>8.1f} "
                  f"{delta['wall']:>8.1f} {us['mib']:>8.0f} {delta['mib']:>8.0f}   {us['out']}; {delta['out']}", flush=True)

    def unpartitioned(self, folder):
        """The same rows as one Delta table without partitions, in files of 2.5 million in no order."""
        ready = self.base / "unpartitioned"
        if not (ready / "_delta_log").exists():
            subprocess.run([sys.executable, HERE / "delta_delete.py", ready, "make", self.files], check=True)
        shutil.copytree(ready, folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ours")
    parser.add_argument("folder")
    parser.add_argument("--rows", type=int, default=20_000_000)
    parser.add_argument("--domains", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    os.makedirs(args.folder, exist_ok=True)
    bench = Bench(args)
    bench.make(args.rows, args.domains)
    bench.lists()
    bench.queries()
    bench.takedowns()


if __name__ == "__main__":
    main()
