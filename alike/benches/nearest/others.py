"""faiss and usearch on the vectors that the bench wrote into a folder: build time, time and recall of held-out queries, bytes.

    python3 others.py FOLDER DIMENSION [faiss] [usearch]
"""
import os
import sys
import time

import numpy as np

WANTED = 0.98
folder, dimension = sys.argv[1], int(sys.argv[2])
which = sys.argv[3:] or os.environ.get("PINAKES_BENCH_OTHERS", "faiss usearch").split()
rows = np.fromfile(f"{folder}/rows.f16", dtype=np.float16).reshape(-1, dimension)
queries = np.fromfile(f"{folder}/queries.f16", dtype=np.float16).reshape(-1, dimension).astype(np.float32)
queries /= np.linalg.norm(queries, axis=1, keepdims=True)
truth = np.fromfile(f"{folder}/truth.i64", dtype=np.int64).reshape(len(queries), -1)


def recall(found, most):
    return np.mean([len(np.intersect1d(a[:most], b[:most])) / most for a, b in zip(found, truth)])


def line(name, seconds, found, bytes):
    milliseconds = seconds * 1000 / len(queries)
    recalls = " ".join(f"@{most} {recall(found, most):.4f}" for most in (1, 10, 100))
    print(f"{name:<36} {milliseconds:>8.2f} ms a query   recall{recalls}   {bytes / 1e9:.2f} GB", flush=True)


def one_by_one(search):
    start = time.perf_counter()
    found = np.vstack([search(query) for query in queries])
    return time.perf_counter() - start, found


def faiss_ivf():
    import faiss

    lists = 2 ** round(np.log2(2 * np.sqrt(len(rows))))
    for name in (f"IVF{lists},SQfp16",):
        index = faiss.index_factory(dimension, name, faiss.METRIC_INNER_PRODUCT)
        faiss.omp_set_num_threads(2)
        start = time.perf_counter()
        index.train(rows[:: max(1, len(rows) // (64 * lists))].astype(np.float32))
        trained = time.perf_counter() - start
        for begin in range(0, len(rows), 100_000):
            index.add(rows[begin : begin + 100_000].astype(np.float32))
        print(f"faiss {name}: built in {time.perf_counter() - start:.1f} s, {trained:.1f} s of it for the centres", flush=True)
        bytes = len(rows) * (index.code_size + 8) + lists * dimension * 4
        probes = 1
        while True:
            index.nprobe = probes
            _, found = index.search(queries, 100)
            if recall(found, 10) >= WANTED or probes >= lists:
                break
            probes = probes * 2 if probes < 8 else int(probes * 1.15) + 1
        for threads in (1, 2):
            faiss.omp_set_num_threads(threads)
            seconds, found = one_by_one(lambda query: index.search(query[None], 100)[1])
            line(f"faiss {name} nprobe {probes}, {threads} threads", seconds, found, bytes)
        del index


def usearch_hnsw():
    from usearch.index import Index

    index = Index(ndim=dimension, metric="ip", dtype="f16")
    start = time.perf_counter()
    limit = float(os.environ.get("PINAKES_BENCH_LIMIT", "600"))
    added = 0
    for begin in range(0, len(rows), 20_000):
        index.add(np.arange(begin, min(begin + 20_000, len(rows))), rows[begin : begin + 20_000], threads=2)
        added = min(begin + 20_000, len(rows))
        if time.perf_counter() - start > limit:
            break
    seconds = time.perf_counter() - start
    print(f"usearch f16: {added} of {len(rows)} rows in {seconds:.1f} s", flush=True)
    if added < len(rows):
        return
    path = f"{folder}/usearch.index"
    index.save(path)
    for wide in (64, 128, 256, 512, 1024):
        index.expansion_search = wide
        seconds, found = one_by_one(lambda query: index.search(query.astype(np.float16), 100).keys[None].astype(np.int64))
        if recall(found, 10) >= WANTED or wide == 1024:
            line(f"usearch f16, expansion {wide}, 1 thread", seconds, found, os.path.getsize(path))
            break
    # What is left of rows that were removed.
    gone = list(range(0, min(len(rows), 100)))
    for key in gone:
        index.remove(key)
    index.save(path)
    bytes = open(path, "rb").read()
    left = sum(bytes.find(rows[key].tobytes()) >= 0 for key in gone)
    print(f"usearch: of {len(gone)} rows removed, the vectors of {left} are in the file that is saved afterwards", flush=True)


for name, measure in (("faiss", faiss_ivf), ("usearch", usearch_hnsw)):
    if name in which:
        try:
            measure()
        except ImportError as error:
            print(f"{name}: skipped, {error}")
