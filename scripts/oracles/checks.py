"""What must hold of golden values, whoever computed them."""

from typing import Any, Callable

import torch
from safetensors import safe_open
from torch import Tensor

from golden import SUBJECT, Edit, Tiny, metric
from variants import Variant


def check(true: bool, message: str) -> None:
    if not true:
        raise AssertionError(message)


def far(a: Tensor, b: Tensor) -> float:
    return (a - b).abs().max().item()


def check_sums(variant: Variant, model: Any, values: dict[str, Tensor]) -> None:
    """The residual stream adds up, and the heads add up to the attention's output without b_O."""
    tiny = Tiny(model)
    serial = tiny.parts.mid is not None
    post_norm_opt = getattr(model.config, "do_layer_norm_before", True) is False
    for layer, block in enumerate(tiny.blocks):
        at = lambda name: values[f"clean/{name}.{layer}"]
        after_attention = at("resid_pre") + at("attn_out")
        check(serial == (f"clean/resid_mid.{layer}" in values), f"resid_mid.{layer} must be there if serial")
        with torch.no_grad():
            if post_norm_opt:
                after_attention = block.self_attn_layer_norm(after_attention)
            after = after_attention + at("mlp_out")
            if post_norm_opt:
                after = block.final_layer_norm(after)
        if serial:
            check(far(at("resid_mid"), after_attention) < 1e-5, f"resid_mid.{layer} of {variant.folder}")
        check(far(at("resid_post"), after) < 1e-5, f"resid_post.{layer} of {variant.folder}")
        if layer:
            check(torch.equal(values[f"clean/resid_post.{layer - 1}"], at("resid_pre")), f"resid_pre.{layer}")
        bias = getattr(block.get_submodule(tiny.parts.out), "bias", None)
        heads = at("head_out").sum(-2) + (0 if bias is None else bias.detach())
        check(far(heads, at("attn_out")) < 1e-5, f"heads of layer {layer} of {variant.folder}")
        pattern = at("pattern")
        check(far(pattern.sum(-1), torch.ones(())) < 1e-5, f"pattern.{layer} must sum to 1")
        check(pattern.triu(1).abs().max().item() == 0, f"pattern.{layer} must be causal")


def check_lively(variant: Variant, values: dict[str, Tensor]) -> str:
    """Attention is not uniform, logits spread, and every edit does something. Returns what was measured."""
    clean, corrupted = values["logits.clean"][:, -1], values["logits.corrupted"][:, -1]
    layers = len(values["ablate.zero.last_logits"])
    last = torch.cat([values[f"clean/pattern.{l}"][:, :, -1] for l in range(layers)])
    peak = last.max(-1).values.mean().item()
    spread = clean.std(-1).min().item()
    ablated = (values["ablate.zero.last_logits"] - clean).abs().amax((-2, -1)).min().item()
    at_last = (values["patch.z.last_pos.last_logits"] - corrupted).abs().amax((-2, -1)).min().item()
    at_subject = (values["patch.z.subject_pos.last_logits"] - corrupted)[:-1].abs().amax((-2, -1)).min().item()
    scaled = far(values["scale.half.last_layer.last_logits"], clean)
    differ = values["input_ids.clean"] != values["input_ids.corrupted"]
    check(differ[:, SUBJECT].all() and differ.sum() == len(differ), "prompts must differ at the subject only")
    check(peak > 1.6 / last.shape[-1], f"{variant.folder}: attention is nearly uniform ({peak:.2f})")
    check(spread > 1, f"{variant.folder}: logits are flat ({spread:.2f})")
    if variant.model_type == "gemma2":
        # The norm after the attention takes a common factor of all heads out again.
        check(scaled < 1e-4, f"{variant.folder}: scaling all heads must change nothing, but {scaled:.1e}")
    else:
        check(scaled > 1e-2, f"{variant.folder}: scaling changes logits by {scaled:.1e} only")
    for name, effect in [("ablation", ablated), ("last", at_last), ("subject", at_subject)]:
        # Ten times the tolerance of the tests, for the weakest head.
        check(effect > 1e-3, f"{variant.folder}: {name} changes logits by {effect:.1e} only")
    attribution = values["attribution_patching"]
    check(attribution.abs().amax((1, 2, 3)).min().item() > 1e-2, f"{variant.folder}: attribution is flat")
    check(attribution[..., :SUBJECT].abs().max().item() == 0, "nothing differs before the subject")
    return f"peak {peak:.2f}, logits {spread:.2f}, ablation {ablated:.3f}, last {at_last:.3f}, subject {at_subject:.3f}"


def check_precision(variant: Variant, values: dict[str, Tensor], wide: dict[str, Tensor]) -> str:
    """float32 rounding stays far below the tolerance of the tests (1e-4)."""
    worst = max(far(values[name], wide[name]) for name in values)
    check(worst < 3e-5, f"{variant.folder}: float32 is {worst:.1e} away from float64")
    return f"float64 {worst:.0e}"


def check_attribution(variant: Variant, model: Any, values: dict[str, Tensor]) -> None:
    """Central differences along z_clean - z_corrupted of one layer give the sum of its attribution."""
    tiny = Tiny(model)
    clean_ids, ids = values["input_ids.clean"], values["input_ids.corrupted"]
    with torch.no_grad():
        clean, corrupted = tiny.run(clean_ids), tiny.run(ids)
    for layer in range(len(tiny.blocks)):
        step = tiny.split(clean.at["z", layer] - corrupted.at["z", layer])

        def moved(size: float) -> float:
            edit: dict[int, Edit] = {layer: lambda z: z + size * step}
            with torch.no_grad():
                return metric(tiny.run(ids, edit).logits, values["answer"], values["wrong"]).item()

        numeric = (moved(1e-4) - moved(-1e-4)) / 2e-4
        analytic = values["attribution_patching"][layer].sum().item()
        error = abs(numeric - analytic)
        check(error < 1e-2 * (1 + abs(analytic)), f"{variant.folder}: d metric {numeric} and {analytic}")


def check_names(variant: Variant, file: str) -> None:
    with safe_open(file, "pt") as tensors:
        names = list(tensors.keys())
        dtypes = {str(tensors.get_tensor(name).dtype).removeprefix("torch.") for name in names}
    check(dtypes == {variant.dtype}, f"{variant.folder}: dtypes {dtypes}")
    for part in variant.present:
        check(any(part in name for name in names), f"{variant.folder} has no {part}")
    for part in variant.absent:
        check(not any(part in name for name in names), f"{variant.folder} must not have {part}")


def check_resets(variant: Variant, load: Callable[..., Any], values: dict[str, Tensor]) -> str:
    """Taking one trait back moves the golden logits, or leaves them where the trait is a matter of order only."""
    moved = []
    for reset in variant.resets:
        model = load(**reset.config)
        with torch.no_grad():
            if reset.edit:
                reset.edit(model)
            logits = model(input_ids=values["input_ids.clean"], use_cache=False).logits
        change = far(logits, values["logits.clean"])
        if reset.same:
            check(change < 1e-5, f"{variant.folder}: {reset.trait} must change nothing, but {change:.1e}")
        else:
            check(change > reset.least, f"{variant.folder}: {reset.trait} changes {change:.1e} only")
        moved.append(f"{reset.trait} {change:.1g}")
    return "; ".join(moved)
