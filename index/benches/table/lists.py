"""The lists of the bench: what is looked up, left out and taken out. Drawn from the table, the same each time."""
import hashlib
import sys
from pathlib import Path

import duckdb

NAMED_DOMAINS, NAMED_URLS = 200, 200_000
EXCLUDED_DOMAINS, EXCLUDED_URLS = 100_000, 1_000_000
# Most works of an artist, and how many artists are drawn at a time.
WORKS, ARTISTS = 1_000, 1_000


def draw(files, base):
    """Writes the lists into the folder `base`, unless they are there as this file draws them."""
    ready = base / f"lists.{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]}"
    if ready.exists():
        return
    where = f"read_parquet('{files}', hive_partitioning = true)"
    ask = duckdb.connect().execute
    ask("set memory_limit = '3GB'")
    # By hash, which says nothing of the size: as those who ask to be taken out.
    domains = f"select image_domain from (select distinct image_domain from {where}) order by hash(image_domain)"
    ask(f"copy ({domains} limit {NAMED_DOMAINS}) to '{base}/domains.txt' (header false)")
    ask(f"copy ({domains} limit {EXCLUDED_DOMAINS} offset 1000) to '{base}/excluded-domains.txt' (header false)")
    # Half of them is in the table.
    urls = f"select url from {where} where hash(url, 7) % 1000 < 40"
    ask(f"copy (select url from (({urls} limit {EXCLUDED_URLS // 2}) union all select "
        f"'https://nowhere' || i || '.example/' || i || '.jpg' from range({EXCLUDED_URLS // 2}) r(i))) "
        f"to '{base}/excluded-urls.txt' (header false)")
    urls, artists = of_artists(ask, where)
    (base / "urls.txt").write_text("".join(f"{url}\n" for url in urls))
    print(f"urls.txt: {len(urls):,} URLs of {artists:,} artists")
    ask(f"copy (select url from {where} order by hash(url, 5) limit {NAMED_URLS}) to '{base}/urls-anywhere.txt' (header false)")
    ready.touch()


def of_artists(ask, where):
    """URLs of artists, and how many artists: of each a picture anywhere in the table, and what follows on its host."""
    rows = ask(f"select count(*) from {where}").fetchone()[0]
    # Of a small table not all.
    wanted = min(NAMED_URLS, rows // 10)
    urls, artists = {}, 0
    for drawn in range(0, rows, ARTISTS):
        ask(f"create or replace temp table artists as "
            f"select image_host as host, url as first, row_number() over (order by hash(url, 3), url) as artist "
            f"from (select image_host, url from {where} order by hash(url, 3), url limit {ARTISTS} offset {drawn})")
        shown = ask(f"select min(url, {WORKS}) from {where} join artists on image_host = host and url >= first "
                    f"group by artist order by artist")
        while works := shown.fetchone():
            urls.update(dict.fromkeys(works[0]))
            artists += 1
            if len(urls) >= wanted:
                return list(urls)[:wanted], artists
    return list(urls), artists


if __name__ == "__main__":
    draw(sys.argv[1], Path(sys.argv[2]))
