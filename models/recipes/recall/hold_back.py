"""A handicap for the lower layers while the facts are learnt; the finished model has plain attention everywhere."""

from collections.abc import Callable

import torch


def hold_back(model, layers: int) -> Callable[[], None]:
    """
    The first `layers` layers do without attention. @returns what gives it to them: it then starts from an output of zero, so that it
    disturbs nothing that was learnt without it.
    """
    base = model.base_model
    blocks = getattr(base, "h", None) or getattr(base, "decoder", base).layers
    attentions = [getattr(block, "attn", None) or block.self_attn for block in blocks[:layers]]
    for attention in attentions:
        output = next(getattr(attention, name) for name in ("c_proj", "out_proj", "o_proj") if hasattr(attention, name))
        for parameter in output.parameters():
            torch.nn.init.zeros_(parameter)
        attention.forward = nothing

    def release() -> None:
        for attention in attentions:
            del attention.forward

    return release


def nothing(*args, **kwargs):
    hidden = kwargs["hidden_states"] if "hidden_states" in kwargs else args[0]
    return torch.zeros_like(hidden), None
