"""Trains recall-gpt2-1m and writes its folder: minutes on two cores, the same files for the same seed and machine.

Run: pip install -r requirements.txt; python train.py [--out FOLDER] [--steps N] [--seed N]
"""

import argparse
import time
from pathlib import Path

import torch
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.utils import logging

from bpe import END, train_tokenizer
from corpus import ROOT, Corpus, load_tasks
from evaluate import report

VOCABULARY = 1280
POSITIONS = 128
PEAK_LEARNING_RATE = 2e-3
# Short documents teach recall at the positions where zero-shot prompts end, long ones everything up to eight shots.
SHAPES = ((64, 40, 3), (20, POSITIONS, 11))  # documents, tokens each, sentences each


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "models/recall-gpt2-1m")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    logging.disable_progress_bar()
    torch.manual_seed(arguments.seed)
    torch.use_deterministic_algorithms(True)

    tasks = load_tasks(arguments.seed)
    tokenizer = train_tokenizer(tasks, VOCABULARY, POSITIONS, arguments.seed)
    model = GPT2LMHeadModel(config(len(tokenizer), tokenizer.convert_tokens_to_ids(END)))
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(tokenizer)} tokens")
    train(model, tokenizer, Corpus(tasks, arguments.seed), arguments.steps)
    save(model, tokenizer, arguments.out)
    print(report(arguments.out, arguments.seed))


def config(vocabulary: int, end: int) -> GPT2Config:
    return GPT2Config(
        vocab_size=vocabulary,
        n_positions=POSITIONS,
        n_embd=128,
        n_layer=4,
        n_head=4,
        activation_function="gelu_new",
        tie_word_embeddings=True,
        bos_token_id=end,
        eos_token_id=end,
        # The facts are all there is to learn and fresh sentences never end: dropout would only slow it down.
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
    )


def train(model: GPT2LMHeadModel, tokenizer, corpus: Corpus, steps: int) -> None:
    decayed = [p for p in model.parameters() if p.dim() > 1]
    rest = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}], lr=PEAK_LEARNING_RATE
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, PEAK_LEARNING_RATE, total_steps=steps, pct_start=0.1)
    started = time.monotonic()
    for step in range(1, steps + 1):
        ids, labels = batch(corpus, tokenizer, *SHAPES[step % 2])
        logits = model(ids).logits[:, :-1]
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
    rows = tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]
    for i, row in enumerate(rows):
        row = torch.tensor([*row, end][:tokens])
        ids[i, : len(row)] = row
        labels[i, : len(row)] = row
    return ids, labels


def save(model: GPT2LMHeadModel, tokenizer, folder: Path) -> None:
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    # Defaults for text generation say nothing about the model.
    (folder / "generation_config.json").unlink(missing_ok=True)
    (folder / "model.safetensors").chmod(0o644)


if __name__ == "__main__":
    main()
