"""Accuracy of a saved recall-gpt2 model on seen and held-out (frame, subject) pairs, as the table of models/README.md.

Run: python evaluate.py [--model FOLDER] [--readme FILE]   (--readme writes the table between the file's markers)
"""

import argparse
import random
from pathlib import Path

import torch
from transformers import AutoTokenizer, GPT2LMHeadModel

from corpus import ROOT, Frame, Task, few_shot_prompt, load_tasks

SPLITS = ("seen", "unseen lead-in", "unseen clause")
MARKERS = ("<!-- accuracy: written by recipes/recall-gpt2/evaluate.py -->", "<!-- end of accuracy -->")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "models/recall-gpt2-1m")
    parser.add_argument("--readme", type=Path)
    parser.add_argument("--seed", type=int, default=1, help="the seed the model was trained with")
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    table = report(arguments.model, arguments.seed)
    print(table)
    if arguments.readme:
        text = arguments.readme.read_text()
        before, rest = text.split(MARKERS[0])
        after = rest.split(MARKERS[1])[1]
        arguments.readme.write_text(f"{before}{MARKERS[0]}\n\n{table}\n\n{MARKERS[1]}{after}")


def report(folder: Path, seed: int) -> str:
    # The file holds float16; the engine widens it and computes in float32, so do the figures here.
    model = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    rows = [
        "| task | shots | frames | facts | prompts | top-1 | candidate top-1 | mean p(answer) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for task in load_tasks(seed):
        for shots in (0, 2):
            results = ask(task, task.frames, shots, model, tokenizer, seed)
            plain = [r for r in results if r["frame"] == task.shot_frame]
            groups = {f"plain: {task.shot_frame.text.replace('{subject}', 'S')}": plain}
            groups |= {split: [r for r in results if r["split"] == split] for split in SPLITS}
            for name, group in groups.items():
                facts = len({r["subject"] for r in group})
                mean = {key: sum(r[key] for r in group) / len(group) for key in ("top1", "candidate", "p")}
                rows.append(
                    f"| {task.id} | {shots} | {name} | {facts} | {len(group)} | {mean['top1']:.1%} "
                    f"| {mean['candidate']:.1%} | {mean['p']:.3f} |"
                )
    return "\n".join(rows)


@torch.no_grad()
def ask(task: Task, frames: list[Frame], shots: int, model, tokenizer, seed: int) -> list[dict]:
    """Every fact in every frame; judged by the answer's first token, as the engine does."""
    first_token = {a: tokenizer.encode(f" {a}", add_special_tokens=False)[0] for _, a in task.facts}
    candidates = torch.tensor(sorted(set(first_token.values())))
    rng = random.Random(f"{seed} demonstrations {task.id}")
    results = []
    for subject, answer in task.facts:
        others = [fact for fact in task.facts if fact[0] != subject and fact[1] != answer]
        examples = rng.sample(others, shots)
        texts = [few_shot_prompt(task, frame, subject, examples) for frame in frames]
        encoded = [tokenizer.encode(text, add_special_tokens=False) for text in texts]
        # Padding on the right: causal attention keeps it from reaching the last real position.
        ids = torch.tensor([row + [0] * (max(map(len, encoded)) - len(row)) for row in encoded])
        ends = torch.tensor([len(row) - 1 for row in encoded])
        logits = model(ids).logits[torch.arange(len(frames)), ends]
        target = first_token[answer]
        probabilities = logits.softmax(-1)[:, target].tolist()
        best = logits.argmax(-1).tolist()
        best_candidate = candidates[logits[:, candidates].argmax(-1)].tolist()
        for i, frame in enumerate(frames):
            results.append(
                {
                    "subject": subject,
                    "frame": frame,
                    "split": task.split(subject, frame),
                    "top1": best[i] == target,
                    "candidate": best_candidate[i] == target,
                    "p": probabilities[i],
                }
            )
    return results


if __name__ == "__main__":
    main()
