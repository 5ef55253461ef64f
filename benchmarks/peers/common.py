"""What all peers share: the protocol of src/runner/protocol.ts, threads, memory, tokens."""

import json
import os
import sys
import time

import numpy as np

# Libraries print to stdout now and then: answers get a descriptor of their own.
ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def peak_memory():
    """Highest resident memory of this process in MB since its start or the last reset."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return None


def reset_peak():
    """Gives back what earlier jobs left behind and starts the highest resident memory anew."""
    import ctypes
    import gc

    gc.collect()
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
    except OSError:
        pass


class Clock:
    """Splits a run into what is done once and the loop over cells, which alone is multiplied up when only a part of it is run."""

    def __init__(self):
        self.start = time.perf_counter()
        self.fixed = 0.0

    def loop_starts(self):
        self.fixed = time.perf_counter() - self.start

    def stop(self):
        total = time.perf_counter() - self.start
        return 1000 * self.fixed, 1000 * (total - self.fixed)


def serve(workloads, versions):
    """
    workloads: {kind: function of (job, variant) that returns run}, run(clock, cells) -> {name: float32 array}; `cells` limits a loop to
    its first cells (None: all), which is enough to warm up.
    """
    state = {"run": None, "numbers": {}, "before": 0.0}

    def answer(request):
        command = request["command"]
        if command == "prepare":
            with open(request["job"]) as file:
                job = json.load(file)
            state["numbers"] = {}
            state["run"] = workloads[job["kind"]](job, request["variant"])
            state["before"] = max(state["before"], peak_memory() or 0)
            reset_peak()
            return {"versions": versions(job["threads"])}
        if command == "warm-up":
            state["run"](Clock(), 1)
            return {}
        if command == "run":
            state["numbers"] = {}
            clock = Clock()
            numbers = state["run"](clock, None)
            fixed, loop = clock.stop()
            state["numbers"] = {name: np.ascontiguousarray(x, np.float32) for name, x in numbers.items()}
            peak = peak_memory()
            return {
                "fixedMs": fixed,
                "loopMs": loop,
                "peakMb": peak,
                "peakProcessMb": peak and max(state["before"], peak),
            }
        if command == "write":
            for name, values in state["numbers"].items():
                values.tofile(f"{request['prefix']}.{name}.f32")
            return {"names": list(state["numbers"])}
        return {}

    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = {"ok": True, **answer(request)}
        except Exception:
            import traceback

            reply = {"ok": False, "error": traceback.format_exc()}
        print(json.dumps(reply), file=ANSWERS, flush=True)
        if request["command"] == "close":
            break


def torch_versions(threads, *packages):
    """Sets torch's threads; versions of torch and the packages named."""
    from importlib.metadata import version

    import torch

    torch.set_num_threads(threads)
    return {
        "python": sys.version.split()[0],
        "torch": torch.__version__,
        **{package: version(package) for package in packages},
    }


def cells_of(job, cells):
    """The heads of a job, or its first few."""
    heads = job["heads"]
    return heads if cells is None else heads[:cells]


def stacked(rows):
    """[cell][pair] tensors as one array."""
    return np.stack([row.numpy() for row in rows])


def last_position(captures):
    """The captured numbers of a cache job, layer by layer, for the prompts that are compared: [prompt, layer, ...]."""
    import torch

    return {name: torch.stack(layers, 1).numpy() for name, layers in captures.items()}
