"""Which facts are never seen in which frames: what training leaves out, and what is kept for one last look."""

import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TASK_IDS = (
    "country-capital",
    "country-language",
    "element-symbol",
    "english-french",
    "english-spanish",
    "animal-young",
    "verb-past",
)

# Final: lead-ins of a task that none of its facts is ever seen with, and facts that are never seen in one whole clause.
FINAL_LEAD_INS = 2
# The engine's first two, none and "Fact:", are what its runs ask by default: whoever looks at a run would look at the final split.
DEFAULT_LEAD_INS = 2
FINAL_CLAUSE_SHARE = 0.1
# For choosing settings: (fact, frame) pairs, and again facts without one whole clause.
PAIR_SHARE = 0.15
CLAUSE_SHARE = 0.1

SEEN = "seen"
DEVELOPMENT = ("unseen pair", "unseen clause")
FINAL = ("final: unseen lead-in", "final: unseen clause", "final: both")


@dataclass(frozen=True)
class Frame:
    """A clause with a sentence opening; `text` has {subject} and ends right before the answer."""

    clause: str
    lead_in: str
    text: str


@dataclass
class Task:
    id: str
    facts: list[tuple[str, str]]
    shot: str
    frames: list[Frame]
    shot_frame: Frame
    #: How often a fact is chosen relative to the others: some facts are better known than others.
    weights: list[float]
    final_lead_ins: list[str]
    #: By subject: the clause it is never seen in.
    final_clauses: dict[str, str] = field(default_factory=dict)
    development_clauses: dict[str, str] = field(default_factory=dict)
    development_pairs: set[tuple[str, Frame]] = field(default_factory=set)

    @property
    def subject_first(self) -> list[Frame]:
        return [frame for frame in self.frames if frame.text.startswith("{subject}")]

    def split(self, subject: str, frame: Frame) -> str:
        new_lead_in = frame.lead_in in self.final_lead_ins
        last_clause = self.final_clauses.get(subject) == frame.clause
        new_clause = last_clause or self.development_clauses.get(subject) == frame.clause
        if new_lead_in:
            return FINAL[2] if new_clause else FINAL[0]
        if new_clause:
            return FINAL[1] if last_clause else DEVELOPMENT[1]
        return DEVELOPMENT[0] if (subject, frame) in self.development_pairs else SEEN


def lead_ins() -> dict[str, str]:
    """The engine's own list (id to text), so that the two cannot drift apart."""
    source = (ROOT / "packages/engine/src/tasks/lead-ins.ts").read_text()
    found = dict(re.findall(r'\{ id: "([^"]+)", text: "([^"]*)" \}', source))
    if len(found) < 4 or next(iter(found.values())) != "":
        raise SystemExit("lead-ins.ts: cannot be read (expected { id, text } rows, the empty text first)")
    return found


def load_tasks(seed: int) -> list[Task]:
    return [load_task(task_id, random.Random(f"{seed} held out {task_id}")) for task_id in TASK_IDS]


def load_task(task_id: str, rng: random.Random) -> Task:
    data = json.loads((ROOT / f"tasks/{task_id}.json").read_text())
    facts = [(fact["subject"], fact["answer"]) for fact in data["facts"]]
    openings = list(lead_ins().values())
    frames = [
        Frame(clause["id"], opening, f"{opening} {clause['text']}" if opening else capitalised(clause["text"]))
        for clause in data["clauses"]
        for opening in openings
    ]
    shot_frame = next(frame for frame in frames if data["shot"].startswith(f"{frame.text} {{answer}}"))
    weights = [rng.uniform(0.5, 1) for _ in facts]
    task = Task(task_id, facts, data["shot"], frames, shot_frame, weights, rng.sample(openings[DEFAULT_LEAD_INS:], FINAL_LEAD_INS))
    # Demonstrations show the shot frame with every fact, so it cannot be held out, nor can its clause.
    other_clauses = [clause["id"] for clause in data["clauses"] if clause["id"] != shot_frame.clause]
    subjects = rng.sample([subject for subject, _ in facts], len(facts))
    final, development = round(FINAL_CLAUSE_SHARE * len(facts)), round(CLAUSE_SHARE * len(facts))
    task.final_clauses = {s: rng.choice(other_clauses) for s in subjects[:final]}
    task.development_clauses = {s: rng.choice(other_clauses) for s in subjects[final : final + development]}
    task.development_pairs = {
        (subject, frame)
        for subject, _ in facts
        for frame in frames
        if frame != shot_frame and rng.random() < PAIR_SHARE
    }
    return task


def capitalised(text: str) -> str:
    return text if text.startswith("{") else text[0].upper() + text[1:]
