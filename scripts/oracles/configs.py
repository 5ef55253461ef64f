"""Sizes and config keys of the tiny models, and config.json as published files have it."""

from typing import Any

WIDTH, VOCABULARY = 32, 96


def gpt2(**changes: Any) -> dict[str, Any]:
    return {"n_embd": WIDTH, "n_layer": 2, "n_head": 4, "n_positions": 32, "n_inner": 48, **changes}


def opt(**changes: Any) -> dict[str, Any]:
    return {
        "hidden_size": WIDTH,
        "word_embed_proj_dim": WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "ffn_dim": 48,
        "max_position_embeddings": 32,
        "pad_token_id": 1,
        **changes,
    }


def gpt_neox(**changes: Any) -> dict[str, Any]:
    return {
        "hidden_size": WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 48,
        "max_position_embeddings": 32,
        **changes,
    }


def gated(**changes: Any) -> dict[str, Any]:
    """Llama, Mistral, Qwen3 and Gemma 2 name their sizes alike."""
    return {
        "hidden_size": WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "intermediate_size": 48,
        "max_position_embeddings": 32,
        "rope_parameters": rope(),
        **changes,
    }


def rope(rope_type: str = "default", theta: float = 10000.0, **more: Any) -> dict[str, Any]:
    return {"rope_type": rope_type, "rope_theta": theta, **more}


def hub_rope(config: dict[str, Any], type_key: str = "rope_type") -> None:
    """`rope_theta` and `rope_scaling`, as files from before transformers 5 have them."""
    parameters = config.pop("rope_parameters")
    config["rope_theta"] = parameters.pop("rope_theta")
    kind = parameters.pop("rope_type")
    config["rope_scaling"] = None if kind == "default" else {**parameters, type_key: kind}
    config["torch_dtype"] = config.pop("dtype")


def hub_neox(config: dict[str, Any]) -> None:
    parameters = config.pop("rope_parameters")
    config["rotary_emb_base"] = int(parameters["rope_theta"])
    config["rotary_pct"] = parameters["partial_rotary_factor"]
    config["torch_dtype"] = config.pop("dtype")


def hub_opt(config: dict[str, Any]) -> None:
    for key in ("enable_bias", "layer_norm_elementwise_affine", "tie_word_embeddings"):
        del config[key]
    config["torch_dtype"] = config.pop("dtype")


def hub_gemma2(config: dict[str, Any]) -> None:
    hub_rope(config)
    del config["rope_scaling"], config["layer_types"], config["tie_word_embeddings"]
    config["hidden_act"] = config["hidden_activation"]


def hub_qwen2(config: dict[str, Any]) -> None:
    """A window that is written and not used, as in published files."""
    hub_rope(config)
    del config["rope_scaling"], config["layer_types"]
    config["sliding_window"] = 4


# Wavelengths of 6 to 86 tokens against an original context of 40: bands of 2, 3 and 3 frequencies.
LLAMA3 = rope(
    "llama3",
    20.0,
    factor=8.0,
    low_freq_factor=1.0,
    high_freq_factor=4.0,
    original_max_position_embeddings=40,
)
LINEAR = rope("linear", 1000.0, factor=2.5)
GEMMA2 = {
    "num_hidden_layers": 3,
    "head_dim": 16,
    "query_pre_attn_scalar": 6,
    "sliding_window": 16,
    "hidden_activation": "gelu_pytorch_tanh",
    "pad_token_id": 0,
}
