"""One run of the bench: pictures, models, ours and the peer one after the other, and what came of it.

Each side is a process of its own, so that neither has the other's memory on the GPU, and both are watched from here.
"""

import json
import os
import platform
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path

import beside
import models
import pictures
import report
from watch import Watch

LEAST_COSINE = 0.99  # of ours and the peer's embeddings; decoders and halves of precision differ by less


def fail(problem):
    sys.exit(f"bench: {problem}")


def has_cuda():
    asked = "import torch; raise SystemExit(0 if torch.cuda.is_available() else 3)"
    code = subprocess.run([sys.executable, "-c", asked], stderr=subprocess.DEVNULL).returncode
    if code not in (0, 3):
        fail(f"`{sys.executable}` has no PyTorch: run this with a Python that has torch and transformers")
    return code == 0


def lines_of(what, command, kept):
    """Runs a side to its end; its JSON lines, which `kept` keeps as they come, also where the other side fails. What it says
    beside them is shown."""
    print(f"== {what}", flush=True)
    start, found = time.monotonic(), []
    with (subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=beside.environment()) as process,
          open(kept, "w", buffering=1) as file):
        for line in process.stdout:
            try:
                found.append(json.loads(line))
                file.write(line)
            except ValueError:
                print(line, end="", flush=True)
    if process.returncode:
        fail(f"{what} ended with {process.returncode}: `{' '.join(map(str, command))}`")
    print(f"   {time.monotonic() - start:.0f} s", flush=True)
    return found


def cosines(ours, theirs):
    """The least cosine of embeddings of the same pictures, and of the same captions."""
    def least(kind):
        pairs = zip(ours[kind], theirs[kind], strict=True)
        return min(sum(a * b for a, b in zip(one, other)) / (norm(one) * norm(other)) for one, other in pairs)

    def norm(numbers):
        return sum(number * number for number in numbers) ** 0.5

    return {kind: least(kind) for kind in ("pictures", "captions")}


def busy(lines, watch):
    """Each measurement with how busy the GPU was in its time."""
    for line in lines:
        if "began" in line:
            line["busy"] = watch.mean(line["began"], line["ended"])
    return lines


def measured(name, asked, is_cuda, program, photographs):
    """Ours and the peer on one model."""
    model = asked.work / f"{name}-{'fp16' if is_cuda else 'fp32'}-{asked.graph}"
    script = lambda file: [sys.executable, "-W", "ignore", str(beside.HERE / file)]
    kept = lambda side: asked.work / f"{name}-{side}.jsonl"
    if not model.is_dir():
        half = ["--half"] if is_cuda else []
        command = [*script("models.py"), name, str(model), "--graph", asked.graph, *half]
        lines_of(f"{name}: random weights to ONNX", command, kept("export"))
    count, batches = str(asked.pictures), asked.batches
    index = int(asked.device.partition(":")[2] or 0) if is_cuda else 0
    with Watch(index) as watch:
        command = [str(program), str(model), str(photographs), asked.device, count, batches]
        ours = lines_of(f"{name}: ours", command, kept("ours"))
        device = f"cuda:{index}" if is_cuda else "cpu"
        command = [*script("peer.py"), name, str(photographs), "--device", device, "--count", count, "--batches", batches,
                   "--workers", str(asked.workers), "--compile-mode", asked.compile_mode]
        theirs = lines_of(f"{name}: PyTorch", command, kept("pytorch"))
    shown = [next(line for line in lines if line["what"] == "embeddings") for lines in (ours, theirs)]
    agreement = cosines(*shown)
    ours, theirs = (busy([line for line in lines if line["what"] != "embeddings"], watch) for lines in (ours, theirs))
    if min(agreement.values()) < LEAST_COSINE:
        fail(f"{name}: ours and PyTorch do not do the same work: least cosines {agreement}")
    return {"model": name, "graph": asked.graph, "cosines": agreement, "ours": ours, "peer": theirs,
            "busy": {"source": watch.source, "why": watch.why},
            "operations": {"image": models.image_operations(name), "text": models.text_operations(name)}}


def machine():
    """What it ran on, for the reader of the results."""
    command = ["nvidia-smi", "--query-gpu=name,driver_version,power.limit", "--format=csv,noheader"]
    try:
        gpus = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        gpus = []
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    cpu = next((line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "")
    return {"gpus": gpus, "cpu": cpu or platform.machine(), "cores": len(os.sched_getaffinity(0)),
            "python": platform.python_version(), "system": platform.platform()}


def run(asked):
    program = asked.program or beside.HERE / "bin/pinakes-bench-gpu"
    if not program.is_file():
        fail(f"`{program}` is missing: `python3 benches/gpu/bench.py prepare` makes a bundle; run what lies in it")
    if not beside.onnxruntime():
        fail("no ONNX Runtime came along: name its library in ORT_DYLIB_PATH")
    if asked.device == "auto":
        asked.device = "cuda:0" if has_cuda() else "cpu"
    is_cuda = asked.device != "cpu"
    if is_cuda and ("," in asked.device or not asked.device.partition(":")[2].isdigit()):
        fail(f"`{asked.device}` is not one GPU: the peer has one, name one such as `cuda:0` or `tensorrt:0`")
    if is_cuda and not has_cuda():
        fail(f"PyTorch sees no GPU for `{asked.device}`; `--device cpu` shows that all else works")
    asked.workers = len(os.sched_getaffinity(0)) if asked.workers is None else asked.workers
    asked.work.mkdir(parents=True, exist_ok=True)
    photographs = asked.folder or asked.work / "pictures"
    if not asked.folder:
        print(f"== {asked.distinct} pictures by code", flush=True)
        pictures.write(photographs, asked.distinct)
    bundle = beside.HERE / "BUNDLE.json"
    results = {"date": datetime.now(timezone.utc).date().isoformat(), "machine": machine(), "device": asked.device,
               "command": " ".join(sys.argv), "bundle": json.loads(bundle.read_text()) if bundle.is_file() else None,
               "models": []}
    for name in asked.models.split(","):
        results["models"].append(measured(name, asked, is_cuda, program, photographs))
        # After each model, since the next may be one too many for the time there is.
        (asked.work / "results.json").write_text(json.dumps(results, indent=1))
    text = report.markdown(results)
    (asked.work / "results.md").write_text(text)
    print(f"\n{text}\n{asked.work / 'results.md'} holds this, results.json beside it every line")
