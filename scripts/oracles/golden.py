"""Golden values of one model: what Hugging Face transformers computes, seen through hooks."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator

import torch
from torch import Tensor

from parts import parts_of

SUBJECT = 2


@dataclass
class Run:
    """One forward pass. `at` maps (name, layer) to what was seen there."""

    logits: Tensor
    at: dict[tuple[str, int], Tensor] = field(default_factory=dict)


Edit = Callable[[Tensor], Tensor]


class Tiny:
    """A model whose z (input of each attention's output projection) can be read and edited."""

    def __init__(self, model: Any):
        self.model = model
        self.parts = parts_of(model.config)
        self.blocks = list(model.get_submodule(self.parts.layers))
        self.heads = model.config.num_attention_heads

    def split(self, z: Tensor) -> Tensor:
        """[B, T, H * head width] as a view [B, T, H, head width]."""
        return z.unflatten(-1, (self.heads, -1))

    def run(self, ids: Tensor, edits: dict[int, Edit] | None = None) -> Run:
        """`edits` maps a layer to a function of its z [B, T, H, head width]."""
        seen: dict[tuple[str, int], Tensor] = {}
        with self.hooks(seen, edits or {}, ids.shape):
            logits = self.model(input_ids=ids, use_cache=False, output_attentions=True).logits
        return Run(logits, seen)

    @contextmanager
    def hooks(self, seen: dict, edits: dict[int, Edit], shape: torch.Size) -> Iterator[None]:
        handles = []

        def put(name: str, layer: int, value: Any) -> None:
            tensor = value[0] if isinstance(value, tuple) else value
            # OPT flattens [B, T] ahead of its MLP.
            seen[name, layer] = tensor.unflatten(0, shape) if tensor.dim() == 2 else tensor

        def watch(module: Any, name: str, layer: int) -> None:
            handles.append(module.register_forward_hook(lambda _m, _i, output: put(name, layer, output)))

        def watch_input(module: Any, name: str, layer: int) -> None:
            def hook(_module: Any, args: tuple, kwargs: dict) -> None:
                put(name, layer, args[0] if args else kwargs["hidden_states"])

            handles.append(module.register_forward_pre_hook(hook, with_kwargs=True))

        def edit_z(layer: int) -> Callable:
            def hook(_module: Any, args: tuple) -> tuple:
                z = args[0]
                if layer in edits:
                    z = edits[layer](self.split(z)).flatten(-2)
                seen["z", layer] = z
                return (z,)

            return hook

        for layer, block in enumerate(self.blocks):
            parts = self.parts
            watch_input(block, "resid_pre", layer)
            watch(block, "resid_post", layer)
            watch(block.get_submodule(parts.attn_out), "attn_out", layer)
            watch(block.get_submodule(parts.mlp_out), "mlp_out", layer)
            watch(block.get_submodule(parts.out), "projected", layer)
            if parts.mid:
                watch_input(block.get_submodule(parts.mid), "resid_mid", layer)
            handles.append(block.get_submodule(parts.out).register_forward_pre_hook(edit_z(layer)))
            handles.append(
                block.get_submodule(parts.attention).register_forward_hook(
                    lambda _m, _i, output, layer=layer: seen.update({("pattern", layer): output[1]})
                )
            )
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def head_out(self, run: Run, layer: int) -> Tensor:
        """[B, T, H, d]: each head's z through its rows of W_O, and through a frozen post-norm where there is one."""
        block = self.blocks[layer]
        out = block.get_submodule(self.parts.out)
        weight = out.weight if self.model.config.model_type == "gpt2" else out.weight.T
        each = torch.einsum(
            "bthk,hkd->bthd", self.split(run.at["z", layer]), weight.unflatten(0, (self.heads, -1))
        )
        if not self.parts.post_norm:
            return each
        norm = block.get_submodule(self.parts.post_norm)
        whole = run.at["projected", layer]
        rms = (whole.pow(2).mean(-1, keepdim=True) + norm.eps).sqrt()
        return (1 + norm.weight) * each / rms[:, :, None]


def only(head: int, change: Callable[[Tensor], Tensor], position: int | slice = slice(None)) -> Edit:
    """Changes z of one head at one or all positions."""

    def edit(z: Tensor) -> Tensor:
        z = z.clone()
        z[:, position, head] = change(z[:, position, head])
        return z

    return edit


def golden(
    model: Any, clean_ids: Tensor, corrupted_ids: Tensor, pair: tuple[Tensor, Tensor] | None = None
) -> dict[str, Tensor]:
    """Every tensor of golden.safetensors (shapes: README of the fixtures). `pair` is answer and wrong, [B] each."""
    tiny = Tiny(model)
    layers, heads = range(len(tiny.blocks)), range(tiny.heads)
    with torch.no_grad():
        clean, corrupted = tiny.run(clean_ids), tiny.run(corrupted_ids)
    out = {
        "input_ids.clean": clean_ids,
        "input_ids.corrupted": corrupted_ids,
        "logits.clean": clean.logits,
        "logits.corrupted": corrupted.logits,
    }
    out["answer"], out["wrong"] = pair or contrast(clean.logits[:, -1], corrupted.logits[:, -1])
    for layer in layers:
        for name in ("resid_pre", "resid_mid", "resid_post", "attn_out", "mlp_out", "pattern"):
            if (name, layer) in clean.at:
                out[f"clean/{name}.{layer}"] = clean.at[name, layer]
        with torch.no_grad():
            out[f"clean/head_out.{layer}"] = tiny.head_out(clean, layer)

    def last(ids: Tensor, make: Callable[[int, int], Edit]) -> Tensor:
        with torch.no_grad():
            rows = [[tiny.run(ids, {l: make(l, h)}).logits[:, -1] for h in heads] for l in layers]
        return torch.stack([torch.stack(row) for row in rows])

    def from_clean(position: int) -> Callable[[int, int], Edit]:
        return lambda l, h: only(h, lambda _: tiny.split(clean.at["z", l])[:, position, h], position)

    out["ablate.zero.last_logits"] = last(clean_ids, lambda _l, h: only(h, torch.zeros_like))
    out["patch.z.last_pos.last_logits"] = last(corrupted_ids, from_clean(-1))
    out["patch.z.subject_pos.last_logits"] = last(corrupted_ids, from_clean(SUBJECT))
    with torch.no_grad():
        halved = tiny.run(clean_ids, {layers[-1]: lambda z: z * 0.5})
    out["scale.half.last_layer.last_logits"] = halved.logits[:, -1]
    out["attribution_patching"] = attribution(tiny, clean, corrupted_ids, out["answer"], out["wrong"])
    return {name: tensor.detach().clone().contiguous() for name, tensor in out.items()}


def contrast(clean: Tensor, corrupted: Tensor) -> tuple[Tensor, Tensor]:
    """The best token of the clean prompt, and of the corrupted one the best that is another."""
    answer = clean.argmax(-1)
    return answer, corrupted.scatter(-1, answer[:, None], -torch.inf).argmax(-1)


def metric(logits: Tensor, answer: Tensor, wrong: Tensor) -> Tensor:
    """Logit difference at the last position, summed over prompts, which do not depend on each other."""
    last = logits[:, -1]
    return (last.gather(-1, answer[:, None]) - last.gather(-1, wrong[:, None])).sum()


def attribution(tiny: Tiny, clean: Run, ids: Tensor, answer: Tensor, wrong: Tensor) -> Tensor:
    """[layer, H, B, T]: (z_clean - z_corrupted) . d metric / d z at the corrupted run."""
    run = tiny.run(ids)
    zs = [run.at["z", layer] for layer in range(len(tiny.blocks))]
    grads = torch.autograd.grad(metric(run.logits, answer, wrong), zs)
    rows = [
        tiny.split((clean.at["z", layer] - z.detach()) * grad).sum(-1).permute(2, 0, 1)
        for layer, (z, grad) in enumerate(zip(zs, grads))
    ]
    return torch.stack(rows)
