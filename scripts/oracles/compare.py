"""Says how far golden values that others made are from what this code computes. Usage: compare.py FOLDER ..."""

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from checks import far
from golden import golden
from make_oracles import load_from, settle


def main() -> None:
    settle()
    for name in sys.argv[1:]:
        folder = Path(name)
        given = load_file(folder / "golden.safetensors")
        stored = next(iter(load_file(folder / "model.safetensors").values())).dtype
        print(f"{folder.name}: {worst(folder, given, None)}")
        if stored != torch.float32:
            print(f"{folder.name}, rotary frequencies rounded to {stored}: {worst(folder, given, stored)}")


def worst(folder: Path, given: dict[str, Tensor], rounding: torch.dtype | None) -> str:
    """Largest difference and its tensor; keys that only one side has are not compared."""
    model = load_from(folder)
    if rounding:
        rotary = model.base_model.rotary_emb
        rotary.inv_freq = rotary.inv_freq.to(rounding).float()
    pair = given["answer"], given["wrong"]
    own = golden(model, given["input_ids.clean"], given["input_ids.corrupted"], pair)
    distance, key = max((far(own[key].float(), given[key].float()), key) for key in given if key in own)
    return f"{distance:.1e} ({key})"


if __name__ == "__main__":
    main()
