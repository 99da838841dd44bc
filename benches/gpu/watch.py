"""How busy the GPU is, as the driver says: sampled while others work, read out by the window of time.

The driver's figure is the share of time in which any kernel ran (over its last sixth of a second to second), not how much of
the chip the kernels filled; that is what the share of the matrix rate tells. NVML is asked, else `nvidia-smi`.
"""

import ctypes
import shutil
import subprocess
import threading
import time
from datetime import datetime

EVERY = 0.05  # seconds between two samples
SMI = ["nvidia-smi", "--query-gpu=timestamp,index,utilization.gpu", "--format=csv,noheader,nounits", "-lms", "100"]


class Nvml:
    """The driver's own library; `utilisation` in percent."""

    class Rates(ctypes.Structure):
        _fields_ = [("gpu", ctypes.c_uint), ("memory", ctypes.c_uint)]

    def __init__(self, index):
        self.library = ctypes.CDLL("libnvidia-ml.so.1")
        self.device = ctypes.c_void_p()
        for code in (self.library.nvmlInit_v2(),
                     self.library.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(index), ctypes.byref(self.device))):
            if code:
                raise OSError(f"NVML answers {code}")

    def utilisation(self):
        rates = self.Rates()
        code = self.library.nvmlDeviceGetUtilizationRates(self.device, ctypes.byref(rates))
        if code:
            raise OSError(f"NVML answers {code}")
        return rates.gpu


def smi_sample(line, index=0):
    """(time, percent) of a line of `nvidia-smi`, in seconds since 1970; `None` for another GPU's or what is no sample."""
    fields = [field.strip() for field in line.split(",")]
    try:
        stamp, number, percent = fields
        if int(number) != index:
            return None
        return datetime.strptime(stamp, "%Y/%m/%d %H:%M:%S.%f").timestamp(), float(percent.removesuffix("%"))
    except ValueError:
        return None


def mean(samples, began, ended):
    """Of the samples in a window; `None` where there are none."""
    inside = [percent for at, percent in samples if began <= at <= ended]
    return sum(inside) / len(inside) if inside else None


class Watch:
    """Samples from its start to its end. `source` says who was asked, `why` why nobody could be."""

    def __init__(self, index=0):
        self.index, self.samples, self.source, self.why = index, [], None, None
        self.done, self.thread, self.smi = threading.Event(), None, None

    def __enter__(self):
        try:
            nvml = Nvml(self.index)
            nvml.utilisation()
            self.source, work = "NVML", lambda: self.ask(nvml)
        except (OSError, AttributeError) as error:
            if not shutil.which(SMI[0]):
                self.why = f"no NVIDIA driver: {error}"
                return self
            self.smi = subprocess.Popen(SMI, stdout=subprocess.PIPE, text=True)
            self.source, work = "nvidia-smi", self.listen
        self.thread = threading.Thread(target=work, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        if self.smi:
            self.smi.terminate()
            self.smi.wait()
        if self.thread:
            self.thread.join()

    def ask(self, nvml):
        while not self.done.wait(EVERY):
            try:
                self.samples.append((time.time(), nvml.utilisation()))
            except OSError as error:
                self.why = str(error)
                return

    def listen(self):
        for line in self.smi.stdout:
            sample = smi_sample(line, self.index)
            if sample:
                self.samples.append(sample)

    def mean(self, began, ended):
        return mean(self.samples, began, ended)
