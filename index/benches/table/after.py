"""What follows a takedown, on a copy of the table: the receipt, a search for traces, and a publish that brings it all again."""
import json
import shutil

import duckdb
import traces

AGAIN, NEW = 50_000, 1_000
COLUMNS = {"domain": ("image_domain", "page_domain"), "url": ("url", "page_url")}


class Named:
    """What a list names in the table. `again` is a file with some of its rows."""

    def __init__(self, files, kind, listed, again):
        ask = duckdb.connect().execute
        ask(f"create table listed as from read_csv('{listed}', header = false, columns = {{'value': 'varchar'}})")
        picture, page = (f"{column} in (from listed)" for column in COLUMNS[kind])
        ask(f"create table named as select url, page_url, text, {page} as by_page "
            f"from read_parquet('{files}', hive_partitioning = true) where {picture} or {page}")
        ask(f"copy (select url, page_url, text from named order by hash(url, 9), url limit {AGAIN}) to '{again}' (format json)")
        self.again = again
        self.listed = {value for value, in ask("from listed").fetchall()}
        self.rows = ask("select count(*) from named").fetchone()[0]
        # A page that is not named itself may show pictures that stay.
        self.urls = {url for url, in ask("select url from named union select page_url from named where by_page").fetchall()}
        self.domains = self.listed if kind == "domain" else set()
        if kind == "url":
            self.urls |= self.listed


def after(bench, kind, listed, delta):
    """Takes out what is listed as the command line does, and looks at what that left. `delta` is what the peer's delete cost."""
    named = Named(bench.files, kind, listed, bench.base / "again.jsonl")
    # As a run's folder, so that there is something to publish out of.
    run = bench.base / "run"
    shutil.rmtree(run, ignore_errors=True)
    dataset = run / "dataset"
    shutil.copytree(bench.table, dataset)

    us = bench.us("receipt", dataset, listed)
    told = json.loads(us["out"])
    if told["rows"] != named.rows:
        raise SystemExit(f"{named.rows:,} rows are named, and {told['rows']:,} were taken out")
    less = f", {delta / us['cpu']:.1f} times less than Delta's" if delta else ""
    say(f"with its receipt: {us['cpu']:.2f} CPU s{less}, {us['wall']:.1f} s, {us['mib']:.0f} MiB; {told['rows']:,} rows, "
        f"{told['removed']} files deleted, {told['written']} written")
    us = bench.us("verify", dataset, told["key"])
    say(f"the receipt holds: {us['out']} ({us['cpu']:.2f} CPU s)")
    look(dataset, named)
    us = bench.us("republish", run, named.again, NEW)
    say(f"published again: {us['out']} ({us['cpu']:.2f} CPU s)")
    look(dataset, named)
    shutil.rmtree(run)


def look(dataset, named):
    say(traces.only_latest(dataset))
    say(traces.search(dataset, named.urls, named.domains, named.listed))


def say(line):
    print(f"  {line}", flush=True)
