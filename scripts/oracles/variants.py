"""The tiny models: one per variant of an architecture that changes what is computed."""

from dataclasses import dataclass, field
from typing import Any, Callable

import resets
from configs import GEMMA2, LINEAR, LLAMA3, gated, gpt2, gpt_neox, hub_gemma2, hub_neox, hub_opt, hub_qwen2, hub_rope
from configs import opt, rope
from resets import Reset


@dataclass(frozen=True)
class Variant:
    """One folder. `hub` rewrites config.json to the key names that published checkpoints use."""

    folder: str
    model_type: str
    config: dict[str, Any]
    resets: list[Reset]
    dtype: str = "float32"
    hub: Callable[[dict[str, Any]], None] | None = None
    batch: int = 2
    length: int = 6
    query_gain: float = 1.3
    # Parameters that the file must have, and parts of names that no parameter of it may have.
    present: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    # Length of one more prompt, longer than the sliding window.
    beyond_window: int | None = None


VARIANTS = [
    Variant("gpt2-relu", "gpt2", gpt2(activation_function="relu"), [
        Reset("activation_function", {"activation_function": "gelu_new"}),
    ]),
    Variant("gpt2-quick-gelu", "gpt2", gpt2(activation_function="quick_gelu"), [
        Reset("activation_function", {"activation_function": "gelu_new"}),
    ]),
    Variant(
        "gpt2-inverse-layer",
        "gpt2",
        gpt2(n_layer=3, scale_attn_by_inverse_layer_idx=True, reorder_and_upcast_attn=True),
        [
            Reset("scale_attn_by_inverse_layer_idx", {"scale_attn_by_inverse_layer_idx": False}),
            Reset("reorder_and_upcast_attn", {"reorder_and_upcast_attn": False}, same=True),
        ],
        query_gain=1.6,
    ),
    Variant("gpt2-unscaled", "gpt2", gpt2(scale_attn_weights=False), [
        Reset("scale_attn_weights", {"scale_attn_weights": True}),
    ], query_gain=1.0),
    Variant("gpt2-untied", "gpt2", gpt2(tie_word_embeddings=False), [
        Reset("tie_word_embeddings", edit=resets.tie),
    ], present=["lm_head.weight"]),
    Variant("opt-post-norm", "opt", opt(do_layer_norm_before=False, word_embed_proj_dim=20), [
        Reset("do_layer_norm_before", {"do_layer_norm_before": True}),
    ], dtype="float16", hub=hub_opt, length=7, present=["decoder.project_in.weight", "decoder.project_out.weight"],
        absent=["decoder.final_layer_norm", "lm_head"]),
    Variant("opt-gelu", "opt", opt(activation_function="gelu", tie_word_embeddings=False), [
        Reset("activation_function", {"activation_function": "relu"}),
        Reset("exact gelu", {"activation_function": "gelu_new"}, least=1e-3),
        Reset("tie_word_embeddings", edit=resets.tie),
    ], present=["lm_head.weight"]),
    Variant("opt-no-bias", "opt", opt(enable_bias=False, layer_norm_elementwise_affine=False), [],
        absent=["bias", "norm"]),
    Variant("llama-biases", "llama", gated(attention_bias=True, mlp_bias=True), [
        Reset("attention_bias", {"attention_bias": False}),
        Reset("mlp_bias", {"mlp_bias": False}),
    ], present=["o_proj.bias", "gate_proj.bias", "up_proj.bias", "down_proj.bias"]),
    Variant("llama-head-dim", "llama", gated(head_dim=12, tie_word_embeddings=True), [
        Reset("rotary embedding", edit=resets.no_rotation),
    ], absent=["lm_head"]),
    Variant("llama-rope-linear", "llama", gated(num_attention_heads=2, rope_parameters=LINEAR), [
        Reset("rope type", {"rope_parameters": rope(theta=1000.0)}),
        Reset("theta", {"rope_parameters": {**LINEAR, "rope_theta": 10000.0}}),
    ], hub=lambda config: hub_rope(config, "type")),
    Variant("llama-rope-llama3", "llama",
        gated(num_attention_heads=2, head_dim=16, max_position_embeddings=320, rope_parameters=LLAMA3), [
        Reset("rope type", {"rope_parameters": rope(theta=20.0)}),
        Reset("low band", edit=resets.unscaled_band("low")),
        Reset("middle band", edit=resets.unscaled_band("middle")),
        Reset("linear in place of llama3", {"rope_parameters": rope("linear", 20.0, factor=8.0)}),
    ], dtype="bfloat16", hub=hub_rope, length=7),
    Variant("mistral", "mistral", gated(head_dim=12, sliding_window=16), [
        Reset("sliding_window", {"sliding_window": None}, same=True),
    ], dtype="bfloat16", hub=hub_rope),
    Variant("mistral-window", "mistral", gated(sliding_window=4), [
        Reset("sliding_window within the window", {"sliding_window": None}, same=True),
        Reset("smaller window", {"sliding_window": 3}),
    ], length=4, beyond_window=7),
    Variant("qwen2-tied", "qwen2", gated(tie_word_embeddings=True), [
        Reset("use_sliding_window", {"layer_types": ["sliding_attention"] * 2, "sliding_window": 4}),
    ], dtype="bfloat16", hub=hub_qwen2, present=["q_proj.bias", "k_proj.bias", "v_proj.bias"],
        absent=["lm_head", "o_proj.bias"]),
    Variant("qwen3", "qwen3", gated(head_dim=12), [
        Reset("q_norm", edit=resets.without_norm("q_norm")),
        Reset("k_norm", edit=resets.without_norm("k_norm")),
    ], dtype="bfloat16", query_gain=1.5, present=["q_norm.weight", "k_norm.weight"]),
    Variant("gpt-neox-parallel", "gpt_neox", gpt_neox(
        use_parallel_residual=True, attention_bias=True,
        rope_parameters=rope(partial_rotary_factor=0.25)), [
        Reset("use_parallel_residual", {"use_parallel_residual": False}),
        Reset("rotary_pct", {"rope_parameters": rope(partial_rotary_factor=1.0)}),
        Reset("attention_bias", {"attention_bias": False}),
        Reset("exact gelu", {"hidden_act": "gelu_new"}, least=1e-3),
    ], dtype="float16", hub=hub_neox),
    Variant("gpt-neox-serial", "gpt_neox", gpt_neox(
        use_parallel_residual=False, hidden_act="gelu_new", tie_word_embeddings=True,
        rope_parameters=rope(partial_rotary_factor=1.0)), [
        Reset("use_parallel_residual", {"use_parallel_residual": True}),
        Reset("rotary_pct", {"rope_parameters": rope(partial_rotary_factor=0.25)}),
        Reset("hidden_act", {"hidden_act": "gelu"}, least=1e-3),
    ], absent=["embed_out", "lm_head"]),
    Variant("gemma2", "gemma2", gated(**GEMMA2, attn_logit_softcapping=3.0, final_logit_softcapping=4.0), [
        Reset("attn_logit_softcapping", {"attn_logit_softcapping": None}),
        Reset("final_logit_softcapping", {"final_logit_softcapping": None}),
        Reset("query_pre_attn_scalar", {"query_pre_attn_scalar": 16}),
        Reset("hidden_activation", {"hidden_activation": "gelu"}, least=1e-3),
        Reset("embedding scale", edit=resets.no_embedding_scale),
        Reset("sliding_window within the window", {"sliding_window": 64}, same=True),
        Reset("smaller window in the sliding layers", {"sliding_window": 3}),
    ], dtype="bfloat16", absent=["lm_head"]),
    Variant("gemma2-no-caps", "gemma2", gated(**GEMMA2, attn_logit_softcapping=None, final_logit_softcapping=None), [
        Reset("attn_logit_softcapping", {"attn_logit_softcapping": 50.0}, least=1e-3),
        Reset("final_logit_softcapping", {"final_logit_softcapping": 30.0}),
    ], hub=hub_gemma2, absent=["lm_head"]),
]
