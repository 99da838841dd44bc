"""The bundle: all that a machine without a network lacks, in one folder and one archive.

Our side as a program, ONNX Runtime with its CUDA provider out of the wheel, the Python packages that exporting wants,
and the scripts. Packages of the machine's own are taken first when it runs.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import beside

NAME = "pinakes-bench-gpu"
# Wheels from 1.27 on are built for CUDA 13.
RUNTIME = "onnxruntime-gpu==1.31.1"
# pip wants the tags of the machine that it downloads for one by one.
PLATFORMS = ["manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_26_x86_64", "manylinux_2_17_x86_64",
             "manylinux2014_x86_64"]
LIBRARIES = "onnxruntime/capi/libonnxruntime"


def download(wanted, python, folder):
    """Wheels for that Python on Linux, x86-64."""
    platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "--implementation", "cp",
               "--python-version", python, *platforms, "-d", str(folder), *wanted]
    print(f"== downloading {' '.join(wanted)}", flush=True)
    if subprocess.run(command).returncode:
        sys.exit(f"prepare: pip could not download `{' '.join(wanted)}` for Python {python}")
    return sorted(folder.glob("*.whl"))


def build(profile):
    """Our side, by cargo; the path of the program."""
    cargo = [os.environ.get("CARGO", "cargo"), "bench", "--locked", "--no-run", "-p", "filter", "--bench", "gpu",
             "--profile", profile, "--message-format", "json-render-diagnostics"]
    print(f"== {' '.join(cargo)}", flush=True)
    built = subprocess.run(cargo, cwd=beside.ROOT, stdout=subprocess.PIPE, text=True)
    if built.returncode:
        sys.exit("prepare: our side could not be built")
    messages = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    programs = [message["executable"] for message in messages
                if message.get("executable") and message["target"]["name"] == "gpu"]
    return Path(programs[-1])


def commit():
    asked = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=beside.ROOT, capture_output=True, text=True)
    return asked.stdout.strip() or "unknown"


def fill(bundle, wheels, asked):
    """Everything into the folder."""
    requirements = (beside.HERE / "requirements.txt").read_text().split("\n")
    packages = [line for line in requirements if line and not line.startswith("#")]
    for wheel in download([RUNTIME], asked.python, wheels / "runtime"):
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                if name.startswith(LIBRARIES) and ".so" in name:
                    target = bundle / "lib" / Path(name).name
                    with archive.open(name) as source, open(target, "wb") as library:
                        shutil.copyfileobj(source, library)
    for wheel in download(packages, asked.python, wheels / "site"):
        # These have nothing that an installer would have to do beyond unpacking.
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(bundle / "site")
    shutil.copy(asked.program or build(asked.profile), bundle / "bin" / NAME)
    scripts = [script for script in sorted(beside.HERE.glob("*.py")) if script.name not in ("prepare.py", "tests.py")]
    for file in [*scripts, beside.HERE / "README.md", beside.TOOLS / "export_clip.py", beside.TOKENIZER]:
        shutil.copy(file, bundle)
    told = {"commit": commit(), "profile": "built before" if asked.program else asked.profile,
            "onnxruntime-gpu": RUNTIME.partition("==")[2], "python": asked.python}
    (bundle / "BUNDLE.json").write_text(json.dumps(told, indent=1) + "\n")


def split(archive, megabytes):
    """The archive in parts, to be put together by `cat`."""
    with open(archive, "rb") as whole:
        parts = []
        while piece := whole.read(megabytes * 1_000_000):
            parts.append(archive.with_name(f"{archive.name}.{len(parts):02}"))
            parts[-1].write_bytes(piece)
    archive.unlink()
    return parts


def prepare(asked):
    out, bundle = asked.out, asked.out / NAME
    shutil.rmtree(out, ignore_errors=True)
    for folder in ("bin", "lib", "site"):
        (bundle / folder).mkdir(parents=True)
    wheels = out / "wheels"
    fill(bundle, wheels, asked)
    shutil.rmtree(wheels)
    if asked.no_archive:
        print(f"{bundle}: done; there: python3 {NAME}/bench.py run")
        return
    archive = out / f"{NAME}.tar.gz"
    print("== packing", flush=True)
    with tarfile.open(archive, "w:gz", compresslevel=6) as packed:
        packed.add(bundle, NAME)
    files = split(archive, asked.part_mb) if asked.part_mb else [archive]
    for file in files:
        print(f"{file}: {file.stat().st_size / 1e6:.1f} MB")
    pattern = f"{NAME}.tar.gz{'.*' if asked.part_mb else ''}"
    print(f"there: cat {pattern} | tar xz && python3 {NAME}/bench.py run")
