"""Writes the tiny models of variants.py with their golden values. Usage: make_oracles.py [--out FOLDER] [NAME ...]"""

import argparse
import json
import os
import warnings
import zlib
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import AutoConfig, AutoModelForCausalLM, logging

import checks
from configs import VOCABULARY
from golden import SUBJECT, golden
from variants import VARIANTS, Variant

FIXTURES = Path(__file__).resolve().parents[2] / "packages/engine/test/fixtures/oracles"
SPECIAL = ["<unk>", "<s>", "</s>"]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, default=FIXTURES)
    arguments.add_argument("names", nargs="*", help="folders to write; all without")
    options = arguments.parse_args()
    unknown = set(options.names) - {variant.folder for variant in VARIANTS}
    if unknown:
        arguments.error(f"no variant is called {', '.join(sorted(unknown))}")
    settle()
    for variant in VARIANTS:
        if not options.names or variant.folder in options.names:
            write(variant, options.out / variant.folder)


def settle() -> None:
    """The same bytes on each run, and no word about what is meant: parameters absent or unused after a reset."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=UserWarning)


def load_from(folder: Path, **changes: Any) -> Any:
    """The model as its files say, weights widened to float32, with changes of its config."""
    config = AutoConfig.from_pretrained(folder)
    for key, value in changes.items():
        setattr(config, key, value)
    model = AutoModelForCausalLM.from_pretrained(
        folder, config=config, dtype=torch.float32, attn_implementation="eager"
    )
    return model.eval()


def write(variant: Variant, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    random = torch.Generator().manual_seed(zlib.crc32(variant.folder.encode()))
    write_model(variant, folder, random)
    write_tokenizer(folder)

    def load(**changes: Any) -> Any:
        return load_from(folder, **changes)

    def load_wide() -> Any:
        # GPT-2 refuses float64 where it is asked to upcast to float32.
        upcast = {"reorder_and_upcast_attn": False} if variant.model_type == "gpt2" else {}
        return load(**upcast).double()

    clean, corrupted = prompts(variant.batch, variant.length, random)
    model = load()
    values = golden(model, clean, corrupted)
    save_file(values, folder / "golden.safetensors")
    checks.check_names(variant, str(folder / "model.safetensors"))
    checks.check_sums(variant, model, values)
    checks.check_attribution(variant, load_wide(), values)
    report = [
        checks.check_lively(variant, values),
        checks.check_precision(variant, values, golden(load_wide(), clean, corrupted)),
        checks.check_resets(variant, load, values),
    ]
    if variant.beyond_window:
        report.append(write_beyond_window(variant, folder, load, random))
    print(f"{variant.folder}: {'; '.join(report)}", flush=True)


def write_model(variant: Variant, folder: Path, random: torch.Generator) -> None:
    config = AutoConfig.for_model(
        variant.model_type,
        **{"vocab_size": VOCABULARY, "bos_token_id": 1, "eos_token_id": 2, **variant.config},
    )
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            parameter.copy_(lively(variant, name, parameter, random))
    model.to(getattr(torch, variant.dtype)).save_pretrained(folder)
    # Greedy decoding needs no settings, and published models have other ones.
    (folder / "generation_config.json").unlink(missing_ok=True)
    if variant.hub:
        file = folder / "config.json"
        written = json.loads(file.read_text())
        variant.hub(written)
        file.write_text(json.dumps(written, indent=2, sort_keys=True) + "\n")


def lively(variant: Variant, name: str, parameter: Tensor, random: torch.Generator) -> Tensor:
    """Values far from initial ones, such that every parameter, the softmax and the caps matter."""
    noise = torch.randn(parameter.shape, generator=random)
    if parameter.dim() == 1:
        scale = name.endswith("weight") and variant.model_type != "gemma2"
        return noise * 0.3 + (1 if scale else 0)
    if any(part in name for part in ("embed_tokens", "wte", "embed_in")):
        return noise * 0.6
    if any(part in name for part in ("embed_positions", "wpe")):
        return noise * 0.4
    # GPT-2's layers are stored as [in, out].
    width_in = parameter.shape[0 if variant.model_type == "gpt2" and ".h." in name else 1]
    if any(part in name for part in ("lm_head", "embed_out")):
        gain = 3.0
    elif any(part in name for part in ("c_attn", "q_proj", "k_proj", "query_key_value")):
        gain = variant.query_gain
    else:
        gain = 1.5 if any(part in name for part in ("fc", "gate_proj", "h_to_4h")) else 1.0
    return noise * gain / width_in**0.5


def words(shape: tuple[int, ...], random: torch.Generator) -> Tensor:
    return torch.randint(len(SPECIAL), VOCABULARY, shape, generator=random)


def prompts(batch: int, length: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
    clean = words((batch, length), random)
    corrupted = clean.clone()
    while (corrupted[:, SUBJECT] == clean[:, SUBJECT]).any():
        corrupted[:, SUBJECT] = words((batch,), random)
    return clean, corrupted


def write_tokenizer(folder: Path) -> None:
    vocabulary = SPECIAL + [f"w{i}" for i in range(len(SPECIAL), VOCABULARY)]
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": None,
        "decoder": None,
        "model": {
            "type": "WordLevel",
            "vocab": {word: i for i, word in enumerate(vocabulary)},
            "unk_token": SPECIAL[0],
        },
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, indent=2))


def write_beyond_window(variant: Variant, folder: Path, load: Any, random: torch.Generator) -> str:
    """One prompt longer than the window, with the window and without: an engine without it must refuse."""
    ids = words((1, variant.beyond_window), random)
    with torch.no_grad():
        windowed, whole = (model(input_ids=ids).logits for model in (load(), load(sliding_window=None)))
    window = variant.config["sliding_window"]
    change = (windowed - whole).abs().amax((0, 2))
    checks.check(change[:window].max().item() < 1e-5, "positions inside the window must agree")
    checks.check(change[window:].min().item() > 1e-2, f"the window must matter beyond it: {change.tolist()}")
    save_file(
        {"input_ids": ids, "logits": windowed.contiguous(), "logits.without_window": whole.contiguous()},
        folder / "beyond-window.safetensors",
    )
    return f"beyond the window {change[window:].min().item():.2g}"


if __name__ == "__main__":
    main()
