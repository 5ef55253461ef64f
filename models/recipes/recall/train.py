"""Trains one of the recall models and writes its folder: minutes on one core.

Run: pip install -r requirements.txt; python train.py --architecture gpt2|opt|llama [--out FOLDER] [--steps N] [--seed N] [--threads N]
"""

import argparse
import time
from pathlib import Path

import torch
from transformers.utils import logging

import bpe
from architectures import ARCHITECTURES, LAYERS, POSITIONS, VOCABULARY
from corpus import Corpus
from hold_back import hold_back
from splits import ROOT, load_tasks

PEAK_LEARNING_RATE = 2e-3
WEIGHT_DECAY = 0.1
# Short documents teach recall at the positions where zero-shot prompts end, long ones everything up to eight shots.
SHAPES = ((64, 48, 3), (20, POSITIONS, 10))  # documents, tokens each, sentences each
# While the facts are learnt, the lower half of the layers does without attention, so that the subject is passed on above it.
HELD_BACK_SHARE = 0.6
HELD_BACK_LAYERS = LAYERS // 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--architecture", choices=ARCHITECTURES, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--steps", type=int, help="default: as many as the bundled model took")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1, help="the bundled models took one")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    logging.disable_progress_bar()
    torch.manual_seed(arguments.seed)
    torch.use_deterministic_algorithms(True)

    architecture = ARCHITECTURES[arguments.architecture]
    folder = arguments.out or ROOT / "models" / architecture.folder
    tasks = load_tasks(arguments.seed)
    learnt = architecture.tokenizer(tasks, VOCABULARY, arguments.seed, architecture.special)
    tokenizer = bpe.wrap(learnt, POSITIONS, architecture.start, architecture.end, architecture.unknown)
    model = architecture.build(len(tokenizer))
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(tokenizer)} tokens")
    train(model, tokenizer, Corpus(tasks, arguments.seed), arguments.steps or architecture.steps)
    save(model, tokenizer, folder)


def train(model, tokenizer, corpus: Corpus, steps: int) -> None:
    decayed = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": WEIGHT_DECAY}, {"params": rest, "weight_decay": 0.0}],
        lr=PEAK_LEARNING_RATE,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_LEARNING_RATE, total_steps=steps, pct_start=0.1)
    started = time.monotonic()
    release = hold_back(model, HELD_BACK_LAYERS)
    for step in range(1, steps + 1):
        if step == int(HELD_BACK_SHARE * steps):
            release()
        ids, labels = batch(corpus, tokenizer, *SHAPES[step % 2])
        logits = model(ids, use_cache=False).logits[:, :-1]
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad(set_to_none=True)
        if step % 50 == 0 or step == steps:
            print(f"step {step}/{steps}  loss {loss.item():.3f}  {time.monotonic() - started:.0f} s", flush=True)


def batch(corpus: Corpus, tokenizer, documents: int, tokens: int, sentences: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Each document starts at position 0, as every prompt does; cut at `tokens`, ended and padded where it is shorter."""
    end = tokenizer.eos_token_id
    ids = torch.full((documents, tokens), end)
    labels = torch.full((documents, tokens), -100)
    texts = [corpus.document(sentences) for _ in range(documents)]
    rows = tokenizer(texts, verbose=False)["input_ids"]
    for i, row in enumerate(rows):
        row = torch.tensor([*row, end][:tokens])
        ids[i, : len(row)] = row
        labels[i, : len(row)] = row
    return ids, labels


def save(model, tokenizer, folder: Path) -> None:
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    # Defaults for text generation say nothing about the model.
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "model.safetensors").chmod(0o644)


if __name__ == "__main__":
    main()
