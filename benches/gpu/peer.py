"""The peer: PyTorch as whoever knows it would score pictures with it, and what the chip can do.

`python peer.py MODEL PICTURES --device cuda:0|cpu …` prints JSON lines: the chip's matrix rate, copies to it, both towers at
several sizes of batch, and the whole way from JPEG bytes and captions to similarities. On a GPU in fp16, on the
processor in fp32; towers through `torch.compile`, attention by `scaled_dot_product_attention`. The whole way is
clip-retrieval's: a DataLoader whose processes decode with Pillow, resize (bicubic), cut the middle square, normalise
and tokenise (`loader.py`); pinned memory; batches to the GPU, embeddings normalised and back.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import beside

beside.use_packages()

import torch

import models
import pictures
from loader import Pairs

ROUNDS, SECONDS = 2, 2.0
SHOWN = 16               # pictures and captions whose embeddings are told, to be held against ours
CALLS = 4                # between two waits for the GPU


def tell(what, **more):
    print(json.dumps({"what": what, **more}), flush=True)


def skipped(name, why):
    tell("skipped", name=name, why=why)


class Chip:
    """Where the work is done: the GPU in fp16, or the processor in fp32."""

    def __init__(self, device):
        self.device = torch.device(device)
        self.is_cuda = self.device.type == "cuda"
        self.type = torch.float16 if self.is_cuda else torch.float32

    def wait(self):
        if self.is_cuda:
            torch.cuda.synchronize(self.device)

    def name(self):
        return torch.cuda.get_device_name(self.device) if self.is_cuda else "processor"

    def rate(self, work, count):
        """(items a second, began, ended): the better of two rounds, after a warm-up. Calls are waited for in fours, so that
        the processor may run ahead of the GPU as it does in earnest."""
        for _ in range(2):
            work()
        self.wait()
        best, began = 0.0, time.time()
        for _ in range(ROUNDS):
            start, calls = time.perf_counter(), 0
            while time.perf_counter() - start < SECONDS / ROUNDS:
                for _ in range(CALLS):
                    work()
                self.wait()
                calls += CALLS
            best = max(best, count * calls / (time.perf_counter() - start))
        return best, began, time.time()


def matrix(chip):
    """The rate of a large matrix product, on random numbers: on zeros a chip draws less power and runs faster."""
    side = 8192 if chip.is_cuda else 512
    one, other = (torch.randn(side, side, device=chip.device, dtype=chip.type) for _ in range(2))
    rate, began, ended = chip.rate(lambda: one @ other, 2 * side ** 3)
    tell("matrix", tflops=rate / 1e12, side=side, type=str(chip.type).removeprefix("torch."), began=began, ended=ended)


def copies(chip, size, batch):
    """How fast a batch of pictures in f32 comes to the GPU."""
    if not chip.is_cuda:
        return skipped("copies to the GPU", "the device is the processor")
    values = torch.zeros(batch, 3, size, size)
    for memory, source in (("pageable", values), ("pinned", values.pin_memory())):
        rate, began, ended = chip.rate(lambda: source.to(chip.device, non_blocking=True), values.nbytes)
        tell("copy", memory=memory, batch=batch, gigabytes=rate / 1e9, began=began, ended=ended)


def unit(features):
    return features / features.norm(dim=-1, keepdim=True)


class Towers:
    """Both encoders, compiled."""

    def __init__(self, model, chip, mode):
        model.model.set_attn_implementation("sdpa")
        model.model.to(chip.device, chip.type)
        self.chip = chip
        self.image = self.compiled(lambda values: unit(model.embed_image(model.model, values)), mode)
        self.text = self.compiled(lambda ids: unit(model.embed_text(model.model, ids)), mode)

    def compiled(self, tower, mode):
        tower = torch.compile(tower, mode=mode, dynamic=False) if mode != "none" else tower

        def run(values):
            with torch.inference_mode():
                return tower(values)
        return run

    def bring(self, values):
        """To the chip; pictures there to its own precision."""
        values = values.to(self.chip.device, non_blocking=True)
        return values.to(self.chip.type) if values.is_floating_point() else values


def alone(chip, towers, model, batch):
    """Both towers at one size of batch: from what lies on the chip already, and with the way there and back."""
    values, ids = torch.randn(batch, 3, model.size, model.size), torch.randint(1, 1000, (batch, model.context))
    ids[:, -1] = 49407
    if chip.is_cuda:
        values, ids = values.pin_memory(), ids.pin_memory()
    for kind, tower, rows in (("image", towers.image, values), ("text", towers.text, ids)):
        there = towers.bring(rows)
        for where, work in (("on the chip", lambda: tower(there)),
                            ("with copies", lambda: tower(towers.bring(rows)).float().cpu())):
            rate, began, ended = chip.rate(work, batch)
            tell("tower", kind=kind, batch=batch, where=where, rate=rate, began=began, ended=ended)


def whole(chip, towers, model, pairs, count, batch, workers):
    """From bytes to similarities, as clip-retrieval does; `waited` is the share of time in which the DataLoader had
    nothing ready. Batches are full, since another size would be compiled anew."""
    count = -(-count // batch) * batch
    more = {"prefetch_factor": 2, "persistent_workers": True} if workers else {}
    loader = torch.utils.data.DataLoader(
        Pairs(pairs, count, model), batch_size=batch, num_workers=workers, pin_memory=chip.is_cuda, **more)

    def epoch(most=None):
        waited, similarities, batches = 0.0, [], iter(loader)
        for _ in range(count // batch if most is None else most):
            start = time.perf_counter()
            values, ids = next(batches)
            waited += time.perf_counter() - start
            picture, text = towers.image(towers.bring(values)), towers.text(towers.bring(ids))
            similarities.append((picture.float() * text.float()).sum(-1).cpu())
        return waited, sum(map(len, similarities))

    epoch(min(2, count // batch))
    best = None
    for _ in range(ROUNDS):
        began, start = time.time(), time.perf_counter()
        waited, done = epoch()
        seconds = time.perf_counter() - start
        assert done == count, (done, count)
        told = {"pictures": count, "seconds": seconds, "rate": count / seconds, "waited": waited / seconds,
                "began": began, "ended": time.time()}
        best = told if best is None or told["rate"] > best["rate"] else best
    tell("whole", batch=batch, workers=workers, **best)


def preparing(model, pairs):
    """What decoding and preprocessing take in one process."""
    rows = Pairs(pairs, min(len(pairs), 64), model)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as in a DataLoader's process
    rows[0]
    times = []
    for number in range(len(rows)):
        start = time.perf_counter()
        rows[number]
        times.append(time.perf_counter() - start)
    torch.set_num_threads(threads)
    tell("stage", name="decode, resize, crop, normalise, tokenise", milliseconds=1000 * statistics.mean(times))


def embeddings(towers, model, pairs, batch):
    """Of the first pairs, in a batch of a size that is compiled already."""
    rows = Pairs(pairs, SHOWN, model)
    inputs = [torch.stack(column) for column in zip(*(rows[number] for number in range(SHOWN)))]

    def shown(tower, values):
        several = values.split(batch)
        several = [torch.cat([some, some[:1].expand(batch - len(some), *some.shape[1:])]) for some in several]
        return torch.cat([tower(towers.bring(some)).float().cpu() for some in several])[:SHOWN]

    both = [shown(tower, values) for tower, values in zip((towers.image, towers.text), inputs)]
    tell("embeddings", pictures=both[0].tolist(), captions=both[1].tolist())


def main():
    parser = argparse.ArgumentParser(description="PyTorch on the same weights, pictures and captions.")
    parser.add_argument("model", choices=models.NAMES)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--device", default="cuda:0")
    parser.add_argument("--count", type=int, default=8192)
    parser.add_argument("--batches", default="64,256")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--compile-mode", default="default", help="torch.compile's mode, or `none` for none")
    asked = parser.parse_args()
    chip = Chip(asked.device)
    tell("open", name=f"PyTorch {torch.__version__}", device=chip.name(), type=str(chip.type).removeprefix("torch."),
         compiled=asked.compile_mode)
    matrix(chip)
    model, pairs = models.checkpoint(asked.model), pictures.read(asked.pictures)
    batches = [int(batch) for batch in asked.batches.split(",")]
    copies(chip, model.size, max(batches))
    preparing(model, pairs)
    towers = Towers(model, chip, asked.compile_mode)
    for batch in batches:
        alone(chip, towers, model, batch)
    for batch in batches:
        whole(chip, towers, model, pairs, asked.count, batch, asked.workers)
    embeddings(towers, model, pairs, batches[-1])


if __name__ == "__main__":
    main()
