"""
The loop a careful user writes over the bare modules: all pairs in one batch, no gradients, kept residuals of the base run to start from at the
changed layer, nothing computed twice that is the same for every cell, and the last position alone unembedded. Whole sequences all the same.
"""

import torch

from common import cells_of, stacked
from torch_plain import difference, part_of, tokens_of


class Base:
    """A run of the model by hand that keeps, for every layer, the residual before it, z, what attention writes, and q, k, v."""

    def __init__(self, model, tokens):
        self.resid, self.z, self.attention, self.qkv = [], [], [], []
        core = model.transformer
        x = core.wte(tokens) + core.wpe(torch.arange(tokens.shape[1]))
        for block in core.h:
            self.resid.append(x)
            qkv = block.attn.c_attn(block.ln_1(x))
            z = attend(model, *qkv.chunk(3, -1))
            out = block.attn.c_proj(z)
            self.qkv.append(qkv)
            self.z.append(z)
            self.attention.append(out)
            x = x + out
            x = x + block.mlp(block.ln_2(x))


def attend(model, q, k, v):
    split = lambda x: x.view(*x.shape[:2], model.config.n_head, -1).transpose(1, 2)
    z = torch.nn.functional.scaled_dot_product_attention(split(q), split(k), split(v), is_causal=True)
    return z.transpose(1, 2).reshape(q.shape)


def onward(model, x, layer):
    """The residual after all blocks from `layer` on."""
    for block in model.transformer.h[layer:]:
        x = x + block.attn.c_proj(attend(model, *block.attn.c_attn(block.ln_1(x)).chunk(3, -1)))
        x = x + block.mlp(block.ln_2(x))
    return x


def effect(model, x, job):
    """logit(answer) - logit(wrong) of final residuals: the two rows of the unembedding are enough."""
    last = model.transformer.ln_f(x[:, -1])
    weight = model.lm_head.weight
    return (last * (weight[torch.tensor(job["answer"])] - weight[torch.tensor(job["wrong"])])).sum(-1)


def after_attention(block, base, layer, z):
    x = base.resid[layer] + block.attn.c_proj(z)
    return x + block.mlp(block.ln_2(x))


def head_sweep(model, job):
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")

    def run(clock, cells):
        source, base = Base(model, clean), Base(model, corrupted)
        clock.loop_starts()
        out = []
        for layer, head in cells_of(job, cells):
            own = part_of(model, head)
            for position in job["positions"]:
                z = base.z[layer].clone()
                z[:, position, own] = source.z[layer][:, position, own]
                x = after_attention(model.transformer.h[layer], base, layer, z)
                out.append(effect(model, onward(model, x, layer + 1), job))
        return {"difference": stacked(out)}

    return run


def carry(model, base, source, sender, to):
    """The residual before layer `to` with a sender's change, attention frozen and MLPs recomputed."""
    layer, head = sender
    own = part_of(model, head)
    z = base.z[layer].clone()
    z[:, -1, own] = source.z[layer][:, -1, own]
    x = after_attention(model.transformer.h[layer], base, layer, z)
    for later in range(layer + 1, to):
        block = model.transformer.h[later]
        x = x + base.attention[later]
        x = x + block.mlp(block.ln_2(x))
    return x


def path_final(model, job):
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")

    def run(clock, cells):
        base, source = Base(model, clean), Base(model, corrupted)
        clock.loop_starts()
        out = [
            effect(model, carry(model, base, source, sender, model.config.n_layer), job)
            for sender in cells_of(job, cells)
        ]
        return {"difference": stacked(out)}

    return run


def path_queries(model, job):
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")
    layer = job["receivers"][0][0]
    block = model.transformer.h[layer]
    parts = [part_of(model, head) for _, head in job["receivers"]]

    def run(clock, cells):
        base, source = Base(model, clean), Base(model, corrupted)
        clock.loop_starts()
        out = []
        for sender in cells_of(job, cells):
            x = carry(model, base, source, sender, layer)
            moved = block.attn.c_attn(block.ln_1(x))
            qkv = base.qkv[layer].clone()
            for part in parts:
                qkv[:, -1, part] = moved[:, -1, part]
            x = after_attention(block, base, layer, attend(model, *qkv.chunk(3, -1)))
            out.append(effect(model, onward(model, x, layer + 1), job))
        return {"difference": stacked(out)}

    return run


WORKLOADS = {"head-sweep": head_sweep, "path-final": path_final, "path-queries": path_queries}
