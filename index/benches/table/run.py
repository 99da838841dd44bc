#!/usr/bin/env python3
"""Measures a large table beside DuckDB, and takedowns on it beside a Delta delete, in one run, and what follows takedowns.

    run.py OURS FOLDER [--rows N] [--domains N] [--rounds N] [--only WORD,…]

OURS is the bench's own program (`make bench-table` builds it), FOLDER a place for some 20 GB; the table in it is made
once. Each job is a process of its own: processor seconds are those of the process and its threads (user and system),
memory is its peak. What both programs take to start (for DuckDB: Python and the import) is measured, too, and told;
ratios are without it. `--only` names jobs by parts of their names; with `--only after` takedowns are not measured,
and what follows them is looked at alone (after.py).
"""
import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from after import after

HERE = Path(__file__).parent
BUCKETS = 256
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

    def queries(self):
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
        jobs = {name: job for name, job in jobs.items() if self.wants(name)}
        if not jobs:
            return
        start = {"us": self.us("sql", self.table, "select 1"), "duck": self.duck("base.execute('select 1').fetchall()", rounds=3)}
        print(f"to start: us {start['us']['cpu']:.2f} s, DuckDB in Python {start['duck']['cpu']:.2f} s of processor time")
        print(f"{'':<16} {'us CPU s':>9} {'DuckDB':>8} {'ratio':>6} {'us wall':>8} {'DuckDB':>8} {'us MiB':>8} {'DuckDB':>8}")
        for name, (ours, theirs) in jobs.items():
            us, duck = ours(), self.duck(theirs, rounds=self.rounds)
            cpu = [max(0.001, it["cpu"] - start[who]["cpu"]) for who, it in (("us", us), ("duck", duck))]
            print(f"{name:<16} {cpu[0]:>9.2f} {cpu[1]:>8.2f} {cpu[0] / cpu[1]:>6.2f} {us['wall']:>8.2f} {duck['wall']:>8.2f} "
                  f"{us['mib']:>8.0f} {duck['mib']:>8.0f}", flush=True)

    def takedowns(self):
        """On copies: ours partitioned by host bucket, theirs without partitions and in any order."""
        jobs = [("200 domains", "domain", "domains.txt"), ("200 k URLs", "url", "urls.txt"), ("… anywhere", "url", "urls-anywhere.txt")]
        if any(self.wants(name) for name, *_ in jobs):
            print(f"{'':<16} {'us CPU s':>9} {'Delta':>8} {'less':>6} {'us wall':>8} {'Delta':>8} {'us MiB':>8} {'Delta':>8}")
        for name, kind, file in jobs:
            delta = self.takedown(name, kind, self.base / file) if self.wants(name) else None
            # What is named anywhere is the bad case of the cost; for the rest one list of URLs does.
            if file != "urls-anywhere.txt" and self.wants(f"after {name}"):
                print(f"after {name}:", flush=True)
                after(self, kind, self.base / file, delta)

    def takedown(self, name, kind, listed):
        """Prints what it costs us and a Delta delete; the latter in processor seconds."""
        mine, theirs = self.base / "mine", self.base / "theirs"
        for folder in (mine, theirs):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.table, mine)
        self.unpartitioned(theirs)
        us = self.us("takedown", mine, "bench", kind, listed)
        delta = measured([sys.executable, HERE / "delta_delete.py", theirs, kind, listed])
        print(f"{name:<16} {us['cpu']:>9.2f} {delta['cpu']:>8.2f} {delta['cpu'] / us['cpu']:>6.1f} {us['wall']:>8.1f} "
              f"{delta['wall']:>8.1f} {us['mib']:>8.0f} {delta['mib']:>8.0f}   {us['out']}; {delta['out']}", flush=True)
        for folder in (mine, theirs):
            shutil.rmtree(folder)
        return delta["cpu"]

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
    # In a process of its own: what it holds would be counted among what the next ones hold.
    subprocess.run([sys.executable, HERE / "lists.py", bench.files, bench.base], check=True)
    bench.queries()
    bench.takedowns()


if __name__ == "__main__":
    main()
