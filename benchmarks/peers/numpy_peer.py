"""The decomposition of MLPs in numpy, float32: means taken off, one Gram matrix, one solve per layer."""

import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits

from common import serve


def decomposition(job, variant):
    threadpool_limits(job["threads"])
    shape = (job["prompts"], job["columns"], job["width"])
    values = np.fromfile(job["activations"], np.float32).reshape(shape)
    layers, heads = job["layers"], job["heads"]

    def run(clock, cells):
        centred = values - values.mean(0)
        rows = centred.transpose(1, 0, 2).reshape(shape[1], -1)
        # A product of an array and its own transpose is half the work: numpy sees that and calls syrk.
        gram = rows @ rows.T
        weights = [
            np.linalg.solve(gram[:k, :k], gram[:k, layers * heads + layer])
            for layer in range(layers)
            for k in [(layer + 1) * heads]
        ]
        return {"weights": np.concatenate(weights)}

    return run


def matmul(job, variant):
    threadpool_limits(job["threads"])
    random = np.random.default_rng(0)
    a, b = (random.standard_normal((job["size"], job["size"]), np.float32) for _ in range(2))

    def run(clock, cells):
        a @ b
        return {}

    return run


def versions(threads):
    threadpool_limits(threads)
    info = threadpool_info()[0]
    return {
        "numpy": np.__version__,
        "BLAS of numpy": f"{info['internal_api']} {info['version']}, {info.get('architecture')} kernels",
    }


serve({"decomposition": decomposition, "matmul": matmul}, versions)
