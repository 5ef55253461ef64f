"""transformers with forward hooks: every pass is a whole forward of the model."""

import torch

from common import cells_of, last_position, stacked


def tokens_of(job, name):
    return torch.tensor(job[name])


def difference(model, hidden, job):
    """logit(answer) - logit(wrong) from last logits."""
    rows = torch.arange(hidden.shape[0])
    return hidden[rows, torch.tensor(job["answer"])] - hidden[rows, torch.tensor(job["wrong"])]


def last_logits(model, tokens):
    return model(tokens, logits_to_keep=1, use_cache=False).logits[:, -1]


class Hooks:
    """Hooks that are gone after the block."""

    def __init__(self):
        self.handles = []

    def before(self, module, change):
        self.handles.append(module.register_forward_pre_hook(lambda _, args: (change(args[0]), *args[1:])))

    def after(self, module, change):
        self.handles.append(module.register_forward_hook(lambda _, args, out: change(out)))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for handle in self.handles:
            handle.remove()


def keep(store, key):
    def hook(x):
        store[key] = x
        return x

    return hook


def all_z(model, tokens):
    """z of every layer, all positions."""
    z = {}
    with Hooks() as hooks:
        for layer, block in enumerate(model.transformer.h):
            hooks.before(block.attn.c_proj, keep(z, layer))
        last_logits(model, tokens)
    return z


def part_of(model, head):
    width = model.config.n_embd // model.config.n_head
    return slice(head * width, (head + 1) * width)


def head_sweep(model, job):
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")

    def run(clock, cells):
        source = all_z(model, clean)
        clock.loop_starts()
        out = []
        for layer, head in cells_of(job, cells):
            own = part_of(model, head)
            for position in job["positions"]:

                def patch(z):
                    z[:, position, own] = source[layer][:, position, own]
                    return z

                with Hooks() as hooks:
                    hooks.before(model.transformer.h[layer].attn.c_proj, patch)
                    out.append(difference(model, last_logits(model, corrupted), job))
        return {"difference": stacked(out)}

    return run


def run_c(model, tokens, sender, source, frozen):
    """The pass that carries a sender's change on: its z replaced, z of all later layers frozen."""
    layer, head = sender
    own = part_of(model, head)

    def patch(z):
        z[:, -1, own] = source[layer][:, -1, own]
        return z

    hooks = Hooks()
    hooks.before(model.transformer.h[layer].attn.c_proj, patch)
    for later in range(layer + 1, model.config.n_layer):
        hooks.before(model.transformer.h[later].attn.c_proj, lambda _, later=later: frozen[later])
    return hooks


def path_final(model, job):
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")

    def run(clock, cells):
        frozen, source = all_z(model, clean), all_z(model, corrupted)
        clock.loop_starts()
        out = []
        for sender in cells_of(job, cells):
            with run_c(model, clean, sender, source, frozen):
                out.append(difference(model, last_logits(model, clean), job))
        return {"difference": stacked(out)}

    return run


def path_queries(model, job):
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")
    layer = job["receivers"][0][0]
    parts = [part_of(model, head) for _, head in job["receivers"]]
    attention = model.transformer.h[layer].attn.c_attn

    def run(clock, cells):
        frozen, source = all_z(model, clean), all_z(model, corrupted)
        clock.loop_starts()
        out = []
        for sender in cells_of(job, cells):
            carried = {}
            with run_c(model, clean, sender, source, frozen) as hooks:
                hooks.after(attention, keep(carried, "qkv"))
                last_logits(model, clean)

            def patch(qkv):
                for part in parts:
                    qkv[:, -1, part] = carried["qkv"][:, -1, part]
                return qkv

            with Hooks() as hooks:
                hooks.after(attention, patch)
                out.append(difference(model, last_logits(model, clean), job))
        return {"difference": stacked(out)}

    return run


def cache(model, job):
    prompts = torch.tensor(job["prompts"])
    heads, compared = model.config.n_head, job["compared"]

    def run(clock, cells):
        kept = {name: [None] * model.config.n_layer for name in ("heads", "mid", "mlp", "post")}
        with Hooks() as hooks:
            for layer, block in enumerate(model.transformer.h):
                weight = block.attn.c_proj.weight.view(heads, -1, model.config.n_embd)

                def at_z(z, layer=layer, weight=weight):
                    last = z[:, -1].view(z.shape[0], heads, -1)
                    kept["heads"][layer] = torch.einsum("bhi,hid->bhd", last, weight)
                    return z

                def at_last(name, layer):
                    def hook(x):
                        kept[name][layer] = (x[0] if isinstance(x, tuple) else x)[:, -1].clone()
                        return x

                    return hook

                hooks.before(block.attn.c_proj, at_z)
                hooks.before(block.ln_2, at_last("mid", layer))
                hooks.after(block.mlp, at_last("mlp", layer))
                hooks.after(block, at_last("post", layer))
            logits = last_logits(model, prompts if cells is None else prompts[:8])
        some = {name: [x[:compared] for x in layers] for name, layers in kept.items()}
        return {**last_position(some), "logits": logits[:compared].numpy()}

    return run


def attribution(model, job):
    clean, corrupted = tokens_of(job, "clean"), tokens_of(job, "corrupted")
    heads = model.config.n_head

    def run(clock, cells):
        some = slice(None) if cells is None else slice(0, 4)
        source = all_z(model, clean[some])
        z = {}

        def watch(layer):
            def hook(x):
                z[layer] = x if x.requires_grad else x.requires_grad_(True)
                z[layer].retain_grad()
                return z[layer]

            return hook

        with torch.enable_grad(), Hooks() as hooks:
            for layer, block in enumerate(model.transformer.h):
                hooks.before(block.attn.c_proj, watch(layer))
            logits = last_logits(model, corrupted[some])
            rows = torch.arange(logits.shape[0])
            answer, wrong = torch.tensor(job["answer"])[some], torch.tensor(job["wrong"])[some]
            (logits[rows, answer] - logits[rows, wrong]).sum().backward()
        out = []
        for layer, x in z.items():
            score = (source[layer] - x.detach()) * x.grad
            # [pair, position, head] -> [head, pair, position]
            out.append(score.view(*score.shape[:2], heads, -1).sum(-1).permute(2, 0, 1))
        return {"scores": torch.stack(out).numpy()}

    return run


def matmul(model, job):
    size = job["size"]
    a, b = torch.randn(size, size), torch.randn(size, size)

    def run(clock, cells):
        a @ b
        return {}

    return run


WORKLOADS = {
    "matmul": matmul,
    "head-sweep": head_sweep,
    "path-final": path_final,
    "path-queries": path_queries,
    "cache": cache,
    "attribution": attribution,
}
