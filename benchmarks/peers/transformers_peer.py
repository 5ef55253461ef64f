"""
Plain torch over the modules of transformers. Variants:
  plain   hooks on whole forwards of the model, logits of the last position only
  resume  a loop by hand over the modules: starts at the changed layer from kept residuals, skips what is frozen, unembeds the last position
  rows    our own algorithm: only the positions that a change can reach, earlier keys and values from the base run
"""

import torch
from transformers import GPT2LMHeadModel

import torch_plain
import torch_resume
import torch_rows
from common import serve, torch_versions

torch.set_grad_enabled(False)
VARIANTS = {"plain": torch_plain, "resume": torch_resume, "rows": torch_rows}
MODELS = {}


def model_of(job):
    torch.set_num_threads(job["threads"])
    if job["model"] not in MODELS:
        MODELS.clear()
        model = GPT2LMHeadModel.from_pretrained(job["model"], dtype=torch.float32)
        MODELS[job["model"]] = model.eval().requires_grad_(False)
    return MODELS[job["model"]]


def workload(kind):
    def prepare(job, variant):
        return VARIANTS[variant].WORKLOADS[kind](model_of(job), job)

    return prepare


KINDS = {kind for variant in VARIANTS.values() for kind in variant.WORKLOADS}
serve(
    {kind: workload(kind) for kind in KINDS},
    lambda threads: torch_versions(threads, "transformers"),
)
