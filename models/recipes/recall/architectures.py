"""The three models: same depth, width and heads, each with what its architecture is known for."""

from collections.abc import Callable
from dataclasses import dataclass

from tokenizers import Tokenizer
from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM, OPTConfig, OPTForCausalLM

import bpe

VOCABULARY = 2048
POSITIONS = 128
WIDTH, LAYERS, HEADS = 128, 6, 4


@dataclass(frozen=True)
class Architecture:
    folder: str
    tokenizer: Callable[..., Tokenizer]
    special: list[str]
    #: Put in front of every text, as the architecture's own tokenizers do.
    start: str | None
    end: str
    unknown: str
    build: Callable[[int], object]
    steps: int


def gpt2(vocabulary: int):
    # The facts are all there is to learn and fresh sentences never end: dropout would only slow it down.
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=vocabulary,
            n_positions=POSITIONS,
            n_embd=WIDTH,
            n_layer=LAYERS,
            n_head=HEADS,
            bos_token_id=0,
            eos_token_id=0,
            resid_pdrop=0.0,
            embd_pdrop=0.0,
            attn_pdrop=0.0,
        )
    )


def opt(vocabulary: int):
    """ReLU, the norm before its sublayer, learned positions."""
    return OPTForCausalLM(
        OPTConfig(
            vocab_size=vocabulary,
            max_position_embeddings=POSITIONS,
            hidden_size=WIDTH,
            word_embed_proj_dim=WIDTH,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            ffn_dim=4 * WIDTH,
            bos_token_id=2,
            pad_token_id=1,
            eos_token_id=2,
            dropout=0.0,
            attention_dropout=0.0,
        )
    )


def llama(vocabulary: int):
    """RMSNorm, rotary positions, a gated SiLU MLP of as many parameters as the others', two query heads to a key head."""
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            max_position_embeddings=POSITIONS,
            hidden_size=WIDTH,
            intermediate_size=344,
            num_hidden_layers=LAYERS,
            num_attention_heads=HEADS,
            num_key_value_heads=HEADS // 2,
            rms_norm_eps=1e-5,
            tie_word_embeddings=True,
            bos_token_id=1,
            eos_token_id=2,
        )
    )


END = "<|endoftext|>"
ARCHITECTURES = {
    "gpt2": Architecture("recall-gpt2", bpe.byte_level, [END], None, END, END, gpt2, 900),
    "opt": Architecture(
        "recall-opt", bpe.byte_level, ["<s>", "<pad>", "</s>", "<unk>"], "</s>", "</s>", "</s>", opt, 800
    ),
    "llama": Architecture(
        "recall-llama", bpe.sentencepiece_style, ["<unk>", "<s>", "</s>"], "<s>", "</s>", "<unk>", llama, 800
    ),
}
