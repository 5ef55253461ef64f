"""Ways to undo one trait of a variant, so that its golden values are shown to depend on it."""

from dataclasses import dataclass, field
from typing import Any, Callable

import torch


@dataclass(frozen=True)
class Reset:
    """One trait taken back, by config keys or on the loaded model; the logits must move by `least`, or not at all."""

    trait: str
    config: dict[str, Any] = field(default_factory=dict)
    edit: Callable[[Any], None] | None = None
    least: float = 1e-2
    same: bool = False


def tie(model: Any) -> None:
    model.lm_head.weight = torch.nn.Parameter(model.get_input_embeddings().weight.detach().clone())


def no_rotation(model: Any) -> None:
    model.model.rotary_emb.inv_freq.zero_()


def no_embedding_scale(model: Any) -> None:
    model.model.embed_tokens.embed_scale.fill_(1.0)


def without_norm(name: str) -> Callable[[Any], None]:
    def edit(model: Any) -> None:
        for layer in model.model.layers:
            setattr(layer.self_attn, name, torch.nn.Identity())

    return edit


def unscaled_band(band: str) -> Callable[[Any], None]:
    """Gives one band of llama3 scaling its frequencies without scaling; an empty band is an error."""

    def edit(model: Any) -> None:
        parameters = model.config.rope_parameters
        scaled = model.model.rotary_emb.inv_freq
        exponents = torch.arange(scaled.numel(), dtype=torch.float32) / scaled.numel()
        plain = parameters["rope_theta"] ** -exponents
        ratio = scaled / plain
        close = torch.isclose
        low = close(ratio, torch.tensor(1 / parameters["factor"]))
        high = close(ratio, torch.tensor(1.0))
        chosen = {"low": low, "middle": ~low & ~high}[band]
        if not (low.any() and high.any() and chosen.any()):
            raise AssertionError(f"a band of llama3 is empty: ratios {ratio.tolist()}")
        scaled[chosen] = plain[chosen]

    return edit
