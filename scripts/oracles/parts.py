"""Where the blocks of each architecture keep what the golden values are read from."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Parts:
    """Modules of a block by name. `attn_out` and `mlp_out` give what is added to the residual stream."""

    layers: str
    attention: str
    out: str
    attn_out: str
    mlp_out: str
    mid: str | None
    post_norm: str | None = None


def parts_of(config: Any) -> Parts:
    llama = Parts("model.layers", "self_attn", "self_attn.o_proj", "self_attn", "mlp", "post_attention_layernorm")
    match config.model_type:
        case "gpt2":
            return Parts("transformer.h", "attn", "attn.c_proj", "attn", "mlp", "ln_2")
        case "opt":
            mid = "final_layer_norm" if config.do_layer_norm_before else "fc1"
            return Parts("model.decoder.layers", "self_attn", "self_attn.out_proj", "self_attn", "fc2", mid)
        case "gpt_neox":
            mid = None if config.use_parallel_residual else "post_attention_layernorm"
            return Parts("gpt_neox.layers", "attention", "attention.dense", "attention", "mlp", mid)
        case "gemma2":
            post = "post_attention_layernorm"
            mid = "pre_feedforward_layernorm"
            return Parts(
                "model.layers", "self_attn", "self_attn.o_proj", post, "post_feedforward_layernorm", mid, post
            )
        case "llama" | "mistral" | "qwen2" | "qwen3":
            return llama
    raise ValueError(f"no parts for {config.model_type}")
