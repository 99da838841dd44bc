#!/usr/bin/env python3
"""Pictures a second on a GPU: ours beside PyTorch, in one run.

  python3 benches/gpu/bench.py prepare        with network, cargo and no GPU: makes a bundle
  python3 pinakes-bench-gpu/bench.py run      in the unpacked bundle, with a GPU, PyTorch and transformers, and no network
  python3 pinakes-bench-gpu/bench.py run --device cpu --models tiny --pictures 64 --distinct 64 --batches 4,16
                                              the same in small on the processor: shows that everything works

README.md beside this file says more.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import models


def asked_for(arguments=None):
    parser = argparse.ArgumentParser(description="Pictures a second on a GPU: ours beside PyTorch, in one run.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    prepare = verbs.add_parser("prepare", help="make the bundle (network, no GPU)")
    prepare.add_argument("--out", type=Path, default=Path("target/bench-gpu"), help="folder of the bundle")
    prepare.add_argument("--profile", default="release", help="cargo's profile of our side (`dev` to try the bench out)")
    prepare.add_argument("--program", type=Path, help="our side, if it is built already")
    prepare.add_argument("--python", default="3.12", help="version of Python on the machine with the GPU")
    prepare.add_argument("--part-mb", type=int, default=0, help="split the archive into parts of so many MB")
    prepare.add_argument("--no-archive", action="store_true", help="leave it a folder")
    run = verbs.add_parser("run", help="measure (GPU, no network)")
    run.add_argument("--device", default="auto", help="as `score.device`: cuda:0, tensorrt:0, cpu")
    run.add_argument("--models", default="b32,l14,h14", help=f"of {', '.join(models.NAMES)}")
    run.add_argument("--graph", choices=models.GRAPHS, default="attention", help="of ours: ONNX's operator, or its parts")
    run.add_argument("--pictures", type=int, default=8192, help="how many go the whole way")
    run.add_argument("--distinct", type=int, default=480, help="how many of them differ")
    run.add_argument("--folder", type=Path, help="photographs with captions.jsonl, instead of pictures made by code")
    run.add_argument("--batches", default="64,256", help="sizes of batch")
    run.add_argument("--workers", type=int, help="the DataLoader's processes; else as many as there are cores")
    run.add_argument("--compile-mode", default="default", help="torch.compile's mode, or `none`")
    run.add_argument("--work", type=Path, default=Path("bench-gpu-work"), help="folder for models, pictures and results")
    run.add_argument("--program", type=Path, help="our side, if it does not lie in the bundle")
    asked = parser.parse_args(arguments)
    if asked.verb == "run":
        unknown = [name for name in asked.models.split(",") if name not in models.NAMES]
        if unknown:
            parser.error(f"`{unknown[0]}` is no model of this bench: {', '.join(models.NAMES)}")
        if not all(batch.isdigit() and int(batch) for batch in asked.batches.split(",")):
            parser.error(f"`{asked.batches}` are no sizes of batch: say such as 64,256")
    return asked


def main():
    asked = asked_for()
    if asked.verb == "prepare":
        import prepare
        prepare.prepare(asked)
    else:
        import run
        run.run(asked)


if __name__ == "__main__":
    main()
