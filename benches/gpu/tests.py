"""Keeps the scripts of this bench from rotting: `python3 benches/gpu/tests.py`. What needs PyTorch skips where there is none."""

import contextlib
import ctypes
import io
import json
import os
import py_compile
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import beside
import bench
import models
import pictures
import prepare
import report
import run
import watch

try:
    import numpy as np
    import PIL
    import torch
except ImportError:
    torch = None
try:
    import onnxscript
    import transformers
except ImportError:
    transformers = None
try:
    import torchvision
except ImportError:
    torchvision = None


class Scripts(unittest.TestCase):
    def test_each_file_compiles_and_says_what_it_is_for(self):
        for script in HERE.glob("*.py"):
            with self.subTest(script.name), tempfile.TemporaryDirectory() as folder:
                py_compile.compile(str(script), cfile=f"{folder}/compiled", doraise=True)
                self.assertIn('"""', script.read_text().split("\n\n")[0])

    def test_help_tells_both_verbs_and_their_options(self):
        for arguments, words in ((["--help"], ["prepare", "run"]), (["prepare", "--help"], ["--part-mb", "--python"]),
                                 (["run", "--help"], ["--device", "--models", "--folder", "tensorrt:0"])):
            said = io.StringIO()
            with contextlib.redirect_stdout(said), self.assertRaises(SystemExit) as ended:
                bench.asked_for(arguments)
            self.assertEqual(ended.exception.code, 0)
            for word in words:
                self.assertIn(word, said.getvalue())

    def test_models_and_batches_that_do_not_exist_are_refused(self):
        for arguments in (["run", "--models", "b32,x"], ["run", "--batches", "64,none"], ["run", "--batches", "0"]):
            with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit) as ended:
                bench.asked_for(arguments)
            self.assertEqual(ended.exception.code, 2, arguments)

    def test_the_archive_in_parts_is_the_archive(self):
        with tempfile.TemporaryDirectory() as folder:
            archive = Path(folder) / "a.tar.gz"
            whole = bytes(range(256)) * 10_000
            archive.write_bytes(whole)
            parts = prepare.split(archive, 1)
            self.assertEqual([part.name for part in parts], ["a.tar.gz.00", "a.tar.gz.01", "a.tar.gz.02"])
            self.assertEqual(b"".join(part.read_bytes() for part in parts), whole)
            self.assertFalse(archive.exists())

    def test_our_side_is_the_program_that_cargo_tells_of(self):
        with tempfile.TemporaryDirectory() as folder:
            cargo = Path(folder) / "cargo"
            told = [{"reason": "compiler-artifact", "target": {"name": name}, "executable": executable}
                    for name, executable in (("filter", None), ("gpu", "/built/gpu-1"), ("other", "/built/other"))]
            lines = "\n".join(map(json.dumps, [*told, {"reason": "build-finished", "success": True}]))
            cargo.write_text(f"#!/bin/sh\necho \"$@\" > {folder}/asked\ncat <<'END'\nnot JSON\n{lines}\nEND\n")
            cargo.chmod(0o755)
            with unittest.mock.patch.dict(os.environ, CARGO=str(cargo)), contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(prepare.build("release"), Path("/built/gpu-1"))
            asked = (Path(folder) / "asked").read_text()
            self.assertIn("bench --locked --no-run -p filter --bench gpu --profile release", asked)

    def test_cuda_is_found_where_pip_puts_it(self):
        with tempfile.TemporaryDirectory() as folder:
            wanted = [Path(folder) / place for place in ("nvidia/cu13/lib", "nvidia/cudnn/lib", "tensorrt_libs")]
            for place in [*wanted, Path(folder) / "nvidia/cu13/include"]:
                place.mkdir(parents=True)
            self.assertEqual(beside.cuda_folders([folder, folder]), list(map(str, wanted)))


class Operations(unittest.TestCase):
    def test_they_are_what_open_clip_publishes(self):
        # GFLOP in docs/model_profile.csv of mlfoundations/open_clip, commit 3b37473b.
        for name, image, text in (("b32", 8.82, 5.96), ("l14", 162.03, 13.3), ("h14", 334.59, 47.09)):
            self.assertAlmostEqual(models.image_operations(name) / 1e9, image, delta=0.006, msg=name)
            self.assertAlmostEqual(models.text_operations(name) / 1e9, text, delta=0.006, msg=name)

    def test_shorter_texts_cost_less_than_their_share(self):
        self.assertLess(models.text_operations("l14", 11), models.text_operations("l14") / 7)


class Watching(unittest.TestCase):
    LINES = ["2026/11/29 21:15:02.123, 0, 97", "2026/11/29 21:15:02.123, 1, 5", "2026/11/29 21:15:02.223, 0, 93 %",
             "2026/11/29 21:15:02.323, 0, [N/A]", "timestamp, index, utilization.gpu [%]", ""]

    def test_lines_of_nvidia_smi_are_read_and_others_left(self):
        at, later = (datetime(2026, 11, 29, 21, 15, 2, 1000 * milliseconds).timestamp() for milliseconds in (123, 223))
        samples = [watch.smi_sample(line) for line in self.LINES]
        self.assertEqual(samples, [(at, 97.0), None, (later, 93.0), None, None, None])
        self.assertEqual(watch.smi_sample(self.LINES[1], index=1), (at, 5.0))

    def test_the_mean_is_that_of_the_window(self):
        samples = [(10.0, 0.0), (11.0, 90.0), (12.0, 100.0), (13.0, 0.0)]
        self.assertEqual(watch.mean(samples, 10.5, 12.0), 95.0)
        self.assertIsNone(watch.mean(samples, 20.0, 30.0))

    # In a process of its own, whose loader and path lead to drivers of ours.
    SCRIPT = ("import json, sys, time, watch\n"
              "with watch.Watch(1) as watched: time.sleep(0.4)\n"
              "print(json.dumps([watched.source, watched.why, watched.mean(0, 1e12), len(watched.samples)]))")

    def watched(self, folder):
        environment = os.environ | {"LD_LIBRARY_PATH": folder, "PATH": folder, "PYTHONPATH": str(HERE)}
        told = subprocess.run([sys.executable, "-B", "-c", self.SCRIPT], env=environment, capture_output=True, text=True)
        self.assertEqual(told.returncode, 0, told.stderr)
        return json.loads(told.stdout)

    def test_without_a_driver_it_says_so_and_goes_on(self):
        try:
            ctypes.CDLL("libnvidia-ml.so.1")
            self.skipTest("there is a driver here")
        except OSError:
            pass
        with tempfile.TemporaryDirectory() as folder:
            source, why, mean, samples = self.watched(folder)
        self.assertIn("no NVIDIA driver", why)
        self.assertEqual((source, mean, samples), (None, None, 0))

    def test_the_drivers_library_is_asked_as_its_header_says(self):
        compiler = shutil.which("cc")
        if not compiler:
            self.skipTest("no C compiler")
        # The signatures of nvml.h, and a GPU of the number asked for that is busy 73 % of its time.
        source = """
            typedef struct { unsigned int gpu, memory; } Rates;
            static int second;
            int nvmlInit_v2(void) { return 0; }
            int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **device) { *device = &second; return index != 1; }
            int nvmlDeviceGetUtilizationRates(void *device, Rates *rates)
            { if (device != &second) return 2; rates->gpu = 73; rates->memory = 9; return 0; }"""
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([compiler, "-shared", "-fPIC", "-x", "c", "-o", f"{folder}/libnvidia-ml.so.1", "-"],
                           input=source, text=True, check=True)
            who, why, mean, samples = self.watched(folder)
        self.assertEqual((who, why, mean), ("NVML", None, 73.0))
        self.assertGreater(samples, 2)

    def test_nvidia_smi_is_asked_where_the_library_cannot_be(self):
        try:
            ctypes.CDLL("libnvidia-ml.so.1")
            self.skipTest("there is a driver here")
        except OSError:
            pass
        with tempfile.TemporaryDirectory() as folder:
            smi = Path(folder) / "nvidia-smi"
            smi.write_text("#!/bin/sh\nfor n in 1 2 3; do printf '2026/11/29 21:15:0%s.000, 0, 1\\n"
                           "2026/11/29 21:15:0%s.000, 1, 5%s\\n' $n $n $n; done\nexec /bin/sleep 60\n")
            smi.chmod(0o755)
            self.assertEqual(self.watched(folder), ["nvidia-smi", None, 52.0, 3])


class Reports(unittest.TestCase):
    def lines(self, rate, who):
        towers = [{"what": "tower", "kind": kind, "batch": batch, "where": where, "rate": rate * batch, "busy": 90.0}
                  for kind in ("image", "text") for batch in (4, 8)
                  for where in (["with copies"] if who == "ours" else ["on the chip", "with copies"])]
        opened = {"what": "open", "name": who, "device": "cuda:0" if who == "ours" else "a chip", "type": "float16",
                  "compiled": "default"}
        return [opened, {"what": "whole", "batch": 8, "rate": rate, "workers": 2, "waited": 0.5, "busy": 50.0}, *towers,
                {"what": "stage", "name": "decode", "rate": 100.0, "cores": 2, "milliseconds": 20.0}]

    def test_ratios_and_shares_are_those_of_the_lines(self):
        peer = [{"what": "matrix", "tflops": 0.001, "side": 8, "type": "float16"}, *self.lines(50.0, "PyTorch"),
                {"what": "copy", "memory": "pinned", "batch": 8, "gigabytes": 20.0},
                {"what": "skipped", "name": "x", "why": "y"}]
        found = {"model": "l14", "graph": "plain", "cosines": {"pictures": 0.999, "captions": 0.998}, "ours": self.lines(100.0, "ours"),
                 "peer": peer, "busy": {"source": "NVML", "why": None}, "operations": {"image": 1e6, "text": 1e5}}
        machine = {"gpus": ["a chip"], "cpu": "c", "cores": 2, "python": "3", "system": "s"}
        text = report.markdown({"date": "2026-11-29", "machine": machine, "device": "cuda:0", "command": "bench.py run",
                                "bundle": {"commit": "abc"}, "models": [found]})
        # 100 a second of 1.1 million operations each are 11 % of 10⁹.
        row = "| pictures, from JPEG and caption to scores | 100.0 | 50.0 | 2.00 × | 8, 8 | 11.0 %, 5.5 % | 50 %, 50 % |"
        self.assertIn(row, text)
        self.assertIn("| image tower, there and back | 800.0 | 400.0 | 2.00 × |", text)
        self.assertIn("skipped: x: y", text)
        self.assertIn("50 % of the time spent waiting", text)

    def test_work_that_differs_is_seen(self):
        one = {"pictures": [[1.0, 0.0], [0.0, 1.0]], "captions": [[1.0, 1.0]]}
        other = {"pictures": [[2.0, 0.0], [1.0, 1.0]], "captions": [[3.0, 3.0]]}
        least = run.cosines(one, other)
        self.assertAlmostEqual(least["pictures"], 0.5 ** 0.5)
        self.assertAlmostEqual(least["captions"], 1.0)


@unittest.skipUnless(torch, "no PyTorch or Pillow")
class WithPyTorch(unittest.TestCase):
    def test_pictures_are_the_same_each_time_and_as_heavy_as_photographs(self):
        with tempfile.TemporaryDirectory() as folder:
            pictures.write(Path(folder), 3)
            pairs = pictures.read(folder)
            self.assertEqual([text for _, text in pairs], [pictures.caption(number) for number in range(3)])
            self.assertEqual(pairs[1][0], pictures.picture(1))
            for body, _ in pairs:
                width, height = PIL.Image.open(io.BytesIO(body)).size
                self.assertIn((max(width, height), min(width, height)), pictures.SIZES)
                self.assertTrue(0.1 < len(body) / (width * height) < 0.6, len(body) / (width * height))

    @unittest.skipUnless(torchvision and transformers, "no torchvision, transformers or onnxscript")
    def test_the_transform_is_torchvisions(self):
        import loader
        from torchvision import transforms
        model = type("Model", (), {"size": 224, "mean": [0.48, 0.46, 0.41], "std": [0.27, 0.26, 0.28]})
        theirs = transforms.Compose([
            transforms.Resize(224, interpolation=transforms.InterpolationMode.BICUBIC), transforms.CenterCrop(224),
            transforms.ToTensor(), transforms.Normalize(model.mean, model.std)])
        for number in range(4):
            body = pictures.picture(number)
            wanted = theirs(PIL.Image.open(io.BytesIO(body)).convert("RGB"))
            self.assertTrue(torch.equal(loader.Transform(model)(body), wanted), number)

    @unittest.skipUnless(transformers, "no transformers or onnxscript")
    def test_a_model_folder_and_its_peer_are_made_of_the_same_weights(self):
        import peer
        try:
            import onnxruntime
        except ImportError:
            self.skipTest("no onnxruntime to run the export with")
        values, model = torch.rand(3, 3, 64, 64), models.checkpoint("tiny")
        found = peer.Towers(model, peer.Chip("cpu"), "none").image(values)
        for graph, half, apart in (("attention", False, 1e-5), ("plain", False, 1e-5), ("attention", True, 5e-3)):
            with self.subTest(graph, half=half), tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "tiny"
                models.export("tiny", out, half, graph)
                names = {path.name for path in out.iterdir()}
                self.assertTrue({"model.toml", "text_encoder.onnx", "tokenizer.json", "nsfw.safetensors"} <= names)
                session = onnxruntime.InferenceSession(out / "image_encoder.onnx", providers=["CPUExecutionProvider"])
                given = session.run(None, {"pixel_values": values.numpy()})[0]
                np.testing.assert_allclose(given, found.numpy(), atol=apart)
                self.assertEqual(b"Attention" in (out / "image_encoder.onnx").read_bytes(), graph == "attention")


if __name__ == "__main__":
    unittest.main(verbosity=2)
