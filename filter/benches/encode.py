"""The peers of encode.rs: Python's onnxruntime and PyTorch on the same model, photographs and captions.

python encode.py MODEL FOLDER prints a line of JSON for each: pairs a second by the wall, all cores, best of two
rounds after one to warm up, at the best of several batch sizes. The whole way is built as a careful user
would: Pillow and NumPy in a pool of threads that prepares the next batch while this one is encoded, captions filled up to
the context as CLIP's own `tokenize` gives them.
"""

import io
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import tomllib
from PIL import Image
from tokenizers import Tokenizer

ROUNDS, BATCHES = 2, (1, 16)
model, folder = Path(sys.argv[1]), Path(sys.argv[2])
spec = tomllib.loads((model / "model.toml").read_text())
size, context = spec["image"]["size"], spec["text"]["context"]
mean, std = (np.float32(spec["image"][key]) for key in ("mean", "std"))
pairs = [json.loads(line) for line in (folder / "captions.jsonl").read_text().splitlines()]
bodies = [(folder / pair["file"]).read_bytes() for pair in pairs]
captions = [pair["captions"][0] for pair in pairs]
tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
tokenizer.enable_truncation(context)
tokenizer.enable_padding(length=context, pad_id=spec["text"]["pad"])


def pixels(body):
    picture = Image.open(io.BytesIO(body)).convert("RGB")
    scale = size / min(picture.size)
    picture = picture.resize([max(size, round(side * scale)) for side in picture.size], Image.BICUBIC)
    left, top = ((side - size) // 2 for side in picture.size)
    square = picture.crop((left, top, left + size, top + size))
    return ((np.asarray(square, np.float32) / 255 - mean) / std).transpose(2, 0, 1)


def ids(texts):
    return np.array([encoding.ids for encoding in tokenizer.encode_batch(texts)], np.int64)


def batches(rows, batch):
    return [rows[at:at + batch] for at in range(0, len(rows), batch)]


def rate(work):
    """The best of several rounds, at the best size of batch."""
    best = 0
    for batch in BATCHES:
        work(batch)
        for _ in range(ROUNDS):
            start = time.perf_counter()
            work(batch)
            best = max(best, len(pairs) / (time.perf_counter() - start))
    return best


def measured(peer, image, text):
    squares, all_ids = np.stack([pixels(body) for body in bodies]), ids(captions)

    def whole(batch):
        similarities = []
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            wanted = [pool.submit(pixels, body) for body in bodies[:batch]]
            for at in range(0, len(bodies), batch):
                these, wanted = wanted, [pool.submit(pixels, body) for body in bodies[at + batch:at + 2 * batch]]
                pictures = image(np.stack([square.result() for square in these]))
                texts = text(ids(captions[at:at + batch]))
                similarities.extend((pictures * texts).sum(-1))
        assert len(similarities) == len(pairs)

    rates = {
        "image tower": rate(lambda batch: [image(rows) for rows in batches(squares, batch)]),
        "text tower": rate(lambda batch: [text(rows) for rows in batches(all_ids, batch)]),
        "JPEG and caption to similarity": rate(whole),
    }
    print(json.dumps({"peer": peer, "rates": rates}), flush=True)


def by_onnxruntime():
    def tower(kind):
        session = onnxruntime.InferenceSession(str(model / spec[kind]["file"]), providers=["CPUExecutionProvider"])
        return lambda rows: session.run([spec[kind]["output"]], {spec[kind]["input"]: rows})[0]

    measured(f"Python onnxruntime {onnxruntime.__version__}", tower("image"), tower("text"))


def by_torch():
    """PyTorch on the same random weights, where the model's architecture is one of export_clip's."""
    sys.path.insert(0, str(Path(__file__).parent.parent.parent / "tools"))
    import export_clip
    import torch

    source = spec["sources"][0]
    name = source.removeprefix("random weights of the architecture ").split(",")[0]
    if name not in export_clip.ARCHITECTURES:
        return
    checkpoint = export_clip.random_checkpoint(name, None)
    checkpoint.model.set_attn_implementation("sdpa")

    def tower(embed):
        module = export_clip.Tower(checkpoint.model, embed)

        def run(rows):
            with torch.inference_mode():
                return module(torch.from_numpy(rows)).numpy()
        return run

    measured(f"PyTorch {torch.__version__}, SDPA", tower(checkpoint.embed_image), tower(checkpoint.embed_text))


by_onnxruntime()
by_torch()
