"""nnsight: traces over the modules of transformers, each a whole forward, logits of the last position only."""

import torch
from nnsight import NNsight
from transformers import GPT2LMHeadModel

from common import cells_of, last_position, serve, stacked, torch_versions

torch.set_grad_enabled(False)
MODELS = {}


def model_of(job):
    torch.set_num_threads(job["threads"])
    if job["model"] not in MODELS:
        MODELS.clear()
        model = GPT2LMHeadModel.from_pretrained(job["model"], dtype=torch.float32)
        MODELS[job["model"]] = NNsight(model.eval().requires_grad_(False))
    return MODELS[job["model"]]


def tokens_of(job, name):
    return torch.tensor(job[name])


def whole(tokens):
    return {"input_ids": tokens, "logits_to_keep": 1, "use_cache": False}


def difference(logits, job):
    rows = torch.arange(logits.shape[0])
    return logits[rows, torch.tensor(job["answer"])] - logits[rows, torch.tensor(job["wrong"])]


def part_of(model, head):
    width = model.config.n_embd // model.config.n_head
    return slice(head * width, (head + 1) * width)


def all_z(model, tokens):
    with model.trace(**whole(tokens)):
        z = [block.attn.c_proj.input for block in model.transformer.h]
        z = list(z).save()
    return z


def head_sweep(job, variant):
    model = model_of(job)
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")

    def run(clock, cells):
        source = all_z(model, clean)
        clock.loop_starts()
        out = []
        for layer, head in cells_of(job, cells):
            own = part_of(model, head)
            for position in job["positions"]:
                value = source[layer][:, position, own]
                with model.trace(**whole(corrupted)):
                    model.transformer.h[layer].attn.c_proj.input[:, position, own] = value
                    logits = model.lm_head.output[:, -1].save()
                out.append(difference(logits, job))
        return {"difference": stacked(out)}

    return run


def path_final(job, variant):
    model = model_of(job)
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")
    layers = model.config.n_layer

    def run(clock, cells):
        frozen, source = all_z(model, clean), all_z(model, corrupted)
        clock.loop_starts()
        out = []
        for layer, head in cells_of(job, cells):
            own = part_of(model, head)
            value = source[layer][:, -1, own]
            with model.trace(**whole(clean)):
                model.transformer.h[layer].attn.c_proj.input[:, -1, own] = value
                for later in range(layer + 1, layers):
                    model.transformer.h[later].attn.c_proj.input = frozen[later]
                logits = model.lm_head.output[:, -1].save()
            out.append(difference(logits, job))
        return {"difference": stacked(out)}

    return run


def path_queries(job, variant):
    model = model_of(job)
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")
    receiver = job["receivers"][0][0]
    parts = [part_of(model, head) for _, head in job["receivers"]]

    def run(clock, cells):
        frozen, source = all_z(model, clean), all_z(model, corrupted)
        clock.loop_starts()
        out = []
        for layer, head in cells_of(job, cells):
            own = part_of(model, head)
            value = source[layer][:, -1, own]
            with model.trace(**whole(clean)) as tracer:
                model.transformer.h[layer].attn.c_proj.input[:, -1, own] = value
                for later in range(layer + 1, receiver):
                    model.transformer.h[later].attn.c_proj.input = frozen[later]
                moved = model.transformer.h[receiver].attn.c_attn.output[:, -1].save()
                tracer.stop()
            with model.trace(**whole(clean)):
                for part in parts:
                    model.transformer.h[receiver].attn.c_attn.output[:, -1, part] = moved[:, part]
                logits = model.lm_head.output[:, -1].save()
            out.append(difference(logits, job))
        return {"difference": stacked(out)}

    return run


def cache(job, variant):
    model = model_of(job)
    prompts, compared = torch.tensor(job["prompts"]), job["compared"]
    heads, width = model.config.n_head, model.config.n_embd

    def run(clock, cells):
        tokens = prompts if cells is None else prompts[:8]
        with model.trace(**whole(tokens)):
            kept = {"heads": [], "mid": [], "mlp": [], "post": []}
            for block in model.transformer.h:
                z = block.attn.c_proj.input[:, -1].view(tokens.shape[0], heads, -1)
                weight = block.attn.c_proj.weight.view(heads, -1, width)
                kept["heads"].append(torch.einsum("bhi,hid->bhd", z, weight))
                kept["mid"].append(block.ln_2.input[:, -1].clone())
                kept["mlp"].append(block.mlp.output[:, -1].clone())
                post = block.output
                kept["post"].append((post[0] if isinstance(post, tuple) else post)[:, -1].clone())
            logits = model.lm_head.output[:, -1].save()
            kept = dict(kept).save()
        some = {name: [x[:compared] for x in layers] for name, layers in kept.items()}
        return {**last_position(some), "logits": logits[:compared].numpy()}

    return run


serve(
    {"head-sweep": head_sweep, "path-final": path_final, "path-queries": path_queries, "cache": cache},
    lambda threads: torch_versions(threads, "nnsight", "transformers"),
)
