"""
Our algorithm written again in torch, for patches of the last position: all cells go through the layers together as rows of one batch, each joins
at its layer, earlier keys and values come from the base run, and two rows of the unembedding are read. Tells the algorithm from the runtime.
"""

import torch

from common import cells_of
from torch_plain import part_of, tokens_of
from torch_resume import Base

ROWS = 1024


def in_chunks(size, *tensors):
    """Pieces of [cell, pair, ...] tensors with about ROWS rows."""
    step = max(1, ROWS // size)
    return zip(*(x.split(step) for x in tensors))


def own_attention(model, qkv, base, layer):
    """z of last positions [cell, pair, width]: keys and values of earlier positions are the base run's."""
    heads = model.config.n_head
    q, k, v = (x.view(*x.shape[:2], heads, -1) for x in qkv.chunk(3, -1))
    _, past_k, past_v = (x[:, :-1].unflatten(-1, (heads, -1)) for x in base.qkv[layer].chunk(3, -1))
    scores = torch.cat([torch.einsum("cbhi,bthi->cbht", q, past_k), (q * k).sum(-1, keepdim=True)], -1)
    pattern = (scores / q.shape[-1] ** 0.5).softmax(-1)
    z = torch.einsum("cbht,bthi->cbhi", pattern[..., :-1], past_v) + pattern[..., -1:] * v
    return z.flatten(2)


def ends_block(block, x, attention):
    x = x + attention
    return x + block.mlp(block.ln_2(x))


def differences(model, x, job):
    last = model.transformer.ln_f(x)
    weight = model.lm_head.weight
    direction = weight[torch.tensor(job["answer"])] - weight[torch.tensor(job["wrong"])]
    return {"difference": (last * direction).sum(-1).numpy()}


def joined(model, base, source, heads_of_layer, layer):
    """z of the cells that join at a layer: one head taken from the source run."""
    if not heads_of_layer:
        return base.z[layer].new_zeros(0, *base.z[layer][:, -1].shape)
    out = base.z[layer][:, -1].repeat(len(heads_of_layer), 1, 1)
    for cell, head in enumerate(heads_of_layer):
        own = part_of(model, head)
        out[cell, :, own] = source.z[layer][:, -1, own]
    return out


def wave(model, base, source, cells, attention_of, to):
    """Residuals [cell, pair, width] of the last position before layer `to`; cells in the order of their layers."""
    size = base.resid[0].shape[0]
    x = base.resid[0].new_zeros(0, size, model.config.n_embd)
    for layer in range(to):
        block = model.transformer.h[layer]
        z = joined(model, base, source, [head for own, head in cells if own == layer], layer)
        parts = [
            ends_block(block, rows, attention_of(block, rows, layer)) for (rows,) in in_chunks(size, x) if len(rows)
        ]
        parts += [
            ends_block(block, base.resid[layer][:, -1], block.attn.c_proj(rows))
            for (rows,) in in_chunks(size, z)
            if len(rows)
        ]
        x = torch.cat(parts) if parts else x
    return x


def in_order(job, cells):
    """Cells sorted by layer, and the place of each in the job's order."""
    wanted = cells_of(job, cells)
    order = sorted(range(len(wanted)), key=lambda i: wanted[i][0])
    back = torch.tensor(order).argsort()
    return [wanted[i] for i in order], back


def head_sweep(model, job):
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")
    if job["positions"] != [clean.shape[1] - 1]:
        raise ValueError("written for the last position only")

    def run(clock, cells):
        own, back = in_order(job, cells)
        source, base = Base(model, clean), Base(model, corrupted)

        def attention_of(block, rows, layer):
            return block.attn.c_proj(own_attention(model, block.attn.c_attn(block.ln_1(rows)), base, layer))

        x = wave(model, base, source, own, attention_of, model.config.n_layer)
        return differences(model, x[back], job)

    return run


def frozen_attention(base):
    return lambda block, rows, layer: base.attention[layer][:, -1]


def path_final(model, job):
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")

    def run(clock, cells):
        own, back = in_order(job, cells)
        base, source = Base(model, clean), Base(model, corrupted)
        x = wave(model, base, source, own, frozen_attention(base), model.config.n_layer)
        return differences(model, x[back], job)

    return run


def path_queries(model, job):
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")
    layer = job["receivers"][0][0]
    receivers = [part_of(model, head) for _, head in job["receivers"]]

    def run(clock, cells):
        own, back = in_order(job, cells)
        base, source = Base(model, clean), Base(model, corrupted)
        carried = wave(model, base, source, own, frozen_attention(base), layer)
        blocks = model.transformer.h
        out = []
        for (rows,) in in_chunks(clean.shape[0], carried):
            moved = blocks[layer].attn.c_attn(blocks[layer].ln_1(rows))
            qkv = base.qkv[layer][:, -1].repeat(len(rows), 1, 1)
            for part in receivers:
                qkv[..., part] = moved[..., part]
            x = base.resid[layer][:, -1].expand(len(rows), -1, -1)
            for later in range(layer, model.config.n_layer):
                block = blocks[later]
                if later > layer:
                    qkv = block.attn.c_attn(block.ln_1(x))
                x = ends_block(block, x, block.attn.c_proj(own_attention(model, qkv, base, later)))
            out.append(x)
        return differences(model, torch.cat(out)[back], job)

    return run


WORKLOADS = {"head-sweep": head_sweep, "path-final": path_final, "path-queries": path_queries}
