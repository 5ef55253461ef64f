"""What the engine's tests ask the finished models: their held-out frames, and logits that transformers computes.

Run: python write_fixtures.py   (reads models/recall-*, writes packages/engine/test/fixtures/bundled)
"""

import argparse
import json

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from architectures import ARCHITECTURES
from splits import ROOT, lead_ins, load_tasks

FIXTURES = ROOT / "packages/engine/test/fixtures/bundled"
PROMPTS = (
    "The capital of France is",
    "In the simple past, the verb go becomes",
    "The French word for dog is chien. Where English speakers say moon, French speakers say",
    "Naïve words: été, Tōkyō, 東京 and 🙂",
)
#: Every so many tokens of the vocabulary, the logit of one is kept.
STRIDE = 23


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the seed the models were trained with")
    seed = parser.parse_args().seed
    FIXTURES.mkdir(exist_ok=True)
    write(FIXTURES / "held-out.json", held_out(seed))
    for architecture in ARCHITECTURES.values():
        folder = ROOT / "models" / architecture.folder
        if folder.exists():
            write(FIXTURES / f"{architecture.folder}.json", [logits(folder, prompt) for prompt in PROMPTS])


def held_out(seed: int) -> dict:
    """By task: lead-ins that none of its facts was seen with, and the clause that a subject was never seen in."""
    ids = {text: id for id, text in lead_ins().items()}
    return {
        task.id: {"leadIns": [ids[text] for text in task.final_lead_ins], "clauses": task.final_clauses}
        for task in load_tasks(seed)
    }


@torch.no_grad()
def logits(folder, prompt: str) -> dict:
    """At the last position, in float32."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    ids = AutoTokenizer.from_pretrained(folder)(prompt, return_tensors="pt").input_ids
    last = model(ids).logits[0, -1]
    tokens = sorted({*range(0, len(last), STRIDE), int(last.argmax())})
    return {"prompt": prompt, "ids": ids[0].tolist(), "logits": {token: round(last[token].item(), 6) for token in tokens}}


def write(file, value) -> None:
    file.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
