"""Accuracy of a saved recall model on seen and held-out (frame, subject) pairs, as the tables of models/README.md.

Run: python evaluate.py --architecture gpt2|opt|llama [--model FOLDER] [--final] [--readme FILE]
--final adds the split that is for one last look only; --readme writes the table between the model's markers in the file.
"""

import argparse
import random
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from architectures import ARCHITECTURES
from corpus import few_shot_prompt
from splits import DEVELOPMENT, FINAL, ROOT, SEEN, Frame, Task, load_tasks

END_MARKER = "<!-- end of accuracy -->"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--architecture", choices=ARCHITECTURES, required=True)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--final", action="store_true")
    parser.add_argument("--readme", type=Path)
    parser.add_argument("--seed", type=int, default=1, help="the seed the model was trained with")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    name = ARCHITECTURES[arguments.architecture].folder
    table = report(arguments.model or ROOT / "models" / name, arguments.seed, arguments.final)
    print(table)
    if arguments.readme:
        marker = f"<!-- accuracy of {name}: written by recipes/recall/evaluate.py -->"
        before, rest = arguments.readme.read_text().split(marker)
        after = rest.split(END_MARKER, 1)[1]
        arguments.readme.write_text(f"{before}{marker}\n\n{table}\n\n{END_MARKER}{after}")


def report(folder: Path, seed: int, final: bool = False) -> str:
    # The file holds float16; the engine widens it and computes in float32, so do the figures here.
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    splits = (SEEN, *DEVELOPMENT, *(FINAL if final else ()))
    rows = [
        "| task | shots | frames | facts | prompts | top-1 | candidate top-1 | mean p(answer) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for task in load_tasks(seed):
        for shots in (0, 2):
            results = ask(task, splits, shots, model, tokenizer, seed)
            for split in splits:
                group = [r for r in results if r["split"] == split]
                if not group:
                    continue
                facts = len({r["subject"] for r in group})
                mean = {key: sum(r[key] for r in group) / len(group) for key in ("top1", "candidate", "p")}
                rows.append(
                    f"| {task.id} | {shots} | {split} | {facts} | {len(group)} | {mean['top1']:.1%} "
                    f"| {mean['candidate']:.1%} | {mean['p']:.3f} |"
                )
    return "\n".join(rows)


@torch.no_grad()
def ask(task: Task, splits: tuple[str, ...], shots: int, model, tokenizer, seed: int) -> list[dict]:
    """Every fact in every frame of the splits; judged by the answer's first token, as the engine does."""
    first_token = {answer: answer_token(tokenizer, answer) for _, answer in task.facts}
    candidates = torch.tensor(sorted(set(first_token.values())))
    rng = random.Random(f"{seed} demonstrations {task.id}")
    results = []
    for subject, answer in task.facts:
        others = [fact for fact in task.facts if fact[0] != subject and fact[1] != answer]
        examples = rng.sample(others, shots)
        frames: list[Frame] = [frame for frame in task.frames if task.split(subject, frame) in splits]
        encoded = [tokenizer.encode(few_shot_prompt(task, frame, subject, examples)) for frame in frames]
        # Padding on the right: causal attention keeps it from reaching the last real position.
        ids = torch.tensor([row + [0] * (max(map(len, encoded)) - len(row)) for row in encoded])
        ends = torch.tensor([len(row) - 1 for row in encoded])
        logits = model(ids, attention_mask=torch.ones_like(ids)).logits[torch.arange(len(frames)), ends]
        target = first_token[answer]
        probabilities = logits.softmax(-1)[:, target].tolist()
        best = logits.argmax(-1).tolist()
        best_candidate = candidates[logits[:, candidates].argmax(-1)].tolist()
        results += [
            {
                "subject": subject,
                "split": task.split(subject, frame),
                "top1": best[i] == target,
                "candidate": best_candidate[i] == target,
                "p": probabilities[i],
            }
            for i, frame in enumerate(frames)
        ]
    return results


def answer_token(tokenizer, answer: str) -> int:
    """The first token of the answer after other text."""
    before = tokenizer.encode("is", add_special_tokens=False)
    return tokenizer.encode(f"is {answer}", add_special_tokens=False)[len(before)]


if __name__ == "__main__":
    main()
