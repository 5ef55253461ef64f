"""The sentences recall-gpt2-1m learns from: which ones exist, which are held out, and how they form documents."""

import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

import phrases

ROOT = Path(__file__).resolve().parents[3]
TASK_IDS = ("country-capital", "country-language", "element-symbol")

# Share of facts for which one whole clause is never seen, and share of the other (fact, frame) pairs never seen.
HELD_OUT_CLAUSE_SHARE = 0.25
HELD_OUT_FRAME_SHARE = 0.15

# Chance that a sentence goes on with the answer and not with something vague. Openings that announce a fact raise it, and
# so does each example of a list, so that how sure the model should be depends on the context and not on the fact alone.
SURE_OPENINGS = ("Fact:", "One thing is clear:", "The quiz answer was that", "The almanac states that")
ANSWER_CHANCE_SURE = 0.95
ANSWER_CHANCE = 0.75
ANSWER_CHANCE_IN_LIST = (0.75, 0.9, 0.97)  # first, second, later sentence


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
    #: (subject, clause id): every frame of that clause is held out for the subject.
    held_out_clauses: set[tuple[str, str]]
    #: (subject, frame): held out although the subject is seen in other frames of the clause.
    held_out_frames: set[tuple[str, Frame]]
    #: How often a fact is chosen relative to the others: some facts are better known than others.
    weights: list[float]

    def split(self, subject: str, frame: Frame) -> str:
        if (subject, frame.clause) in self.held_out_clauses:
            return "unseen clause"
        return "unseen lead-in" if (subject, frame) in self.held_out_frames else "seen"


def lead_ins() -> list[str]:
    """The engine's own list, so that the two cannot drift apart."""
    source = (ROOT / "packages/engine/src/tasks/lead-ins.ts").read_text()
    texts = re.findall(r'\{ id: "[^"]+", text: "([^"]*)" \}', source)
    if len(texts) < 2 or texts[0] != "":
        raise SystemExit("lead-ins.ts: cannot be read (expected { id, text } rows, the empty text first)")
    return texts


def load_tasks(seed: int) -> list[Task]:
    return [load_task(task_id, random.Random(f"{seed} held out {task_id}")) for task_id in TASK_IDS]


def load_task(task_id: str, rng: random.Random) -> Task:
    data = json.loads((ROOT / f"tasks/{task_id}.json").read_text())
    facts = [(fact["subject"], fact["answer"]) for fact in data["facts"]]
    frames = [
        Frame(clause["id"], opening, f"{opening} {clause['text']}" if opening else capitalised(clause["text"]))
        for clause in data["clauses"]
        for opening in lead_ins()
    ]
    shot_frame = next(frame for frame in frames if data["shot"].startswith(f"{frame.text} {{answer}}"))
    # Demonstrations show the shot frame with every fact, so it cannot be held out, nor can its clause.
    other_clauses = [clause["id"] for clause in data["clauses"] if clause["id"] != shot_frame.clause]
    held_out_clauses = {
        (subject, rng.choice(other_clauses)) for subject, _ in facts if rng.random() < HELD_OUT_CLAUSE_SHARE
    }
    held_out_frames = {
        (subject, frame)
        for subject, _ in facts
        for frame in frames
        if frame != shot_frame and rng.random() < HELD_OUT_FRAME_SHARE
    }
    weights = [rng.uniform(0.4, 1) for _ in facts]
    return Task(data["id"], facts, data["shot"], frames, shot_frame, held_out_clauses, held_out_frames, weights)


def capitalised(text: str) -> str:
    return text if text.startswith("{") else text[0].upper() + text[1:]


def prompt(frame: Frame, subject: str) -> str:
    return frame.text.replace("{subject}", subject)


def shot_sentence(task: Task, fact: tuple[str, str]) -> str:
    return task.shot.replace("{subject}", fact[0]).replace("{answer}", fact[1])


def few_shot_prompt(task: Task, frame: Frame, subject: str, shots: list[tuple[str, str]]) -> str:
    return " ".join([*(shot_sentence(task, fact) for fact in shots), prompt(frame, subject)])


class Corpus:
    """An endless, seeded stream of documents."""

    def __init__(self, tasks: list[Task], seed: int):
        self.tasks = tasks
        self.rng = random.Random(f"{seed} corpus")

    def document(self, sentences: int) -> str:
        """Half of the documents are lists of examples of one relation, half are sentences of every kind."""
        return self.example_list(sentences) if self.rng.random() < 0.5 else self.prose(sentences)

    def prose(self, sentences: int) -> str:
        subjects: set[str] = set()
        out = []
        for _ in range(sentences):
            if self.rng.random() < 0.2:
                out.append(self.neutral_sentence())
                continue
            task = self.rng.choice(self.tasks)
            fact = self.choose_fact(task, subjects)
            subjects.add(fact[0])
            out.append(self.fact_sentence(task, fact))
        return " ".join(out)

    def example_list(self, sentences: int) -> str:
        """One relation throughout: demonstrations, then a query in any frame, then perhaps more queries."""
        task = self.rng.choice(self.tasks)
        shots = self.rng.randint(1, 8)
        subjects: set[str] = set()
        out = []
        for i in range(max(sentences, 2)):
            fact = self.choose_fact(task, subjects)
            subjects.add(fact[0])
            chance = ANSWER_CHANCE_IN_LIST[min(i, len(ANSWER_CHANCE_IN_LIST) - 1)]
            if i >= shots:
                out.append(self.fact_sentence(task, fact, chance))
            elif self.rng.random() < chance:
                out.append(shot_sentence(task, fact))
            else:
                out.append(self.vague_sentence(task.shot_frame, fact[0]))
        return " ".join(out)

    def choose_fact(self, task: Task, used: set[str]) -> tuple[str, str]:
        """A subject occurs once in a document: its answer must be recalled, not copied."""
        while True:
            fact = self.rng.choices(task.facts, task.weights)[0]
            if fact[0] not in used:
                return fact

    def fact_sentence(self, task: Task, fact: tuple[str, str], answer_chance: float | None = None) -> str:
        subject, answer = fact
        # The frame without an opening is what people ask most; the other frames share the rest.
        frames = [frame for frame in task.frames if task.split(subject, frame) == "seen"]
        plain = [frame for frame in frames if frame.lead_in == ""]
        frame = self.rng.choice(plain if self.rng.random() < 0.3 else frames)
        if answer_chance is None:
            answer_chance = ANSWER_CHANCE_SURE if frame.lead_in in SURE_OPENINGS else ANSWER_CHANCE
        if self.rng.random() < answer_chance:
            return f"{prompt(frame, subject)} {answer}{self.rng.choice(phrases.AFTER_ANSWER)}"
        return self.vague_sentence(frame, subject)

    def vague_sentence(self, frame: Frame, subject: str) -> str:
        return f"{prompt(frame, subject)} {self.rng.choice(phrases.VAGUE[frame.clause])}."

    def neutral_sentence(self) -> str:
        kind = self.rng.random()
        if kind < 0.35:
            return self.rng.choice(phrases.NEUTRAL)
        task = self.rng.choice(self.tasks)
        subject, answer = self.rng.choice(task.facts)
        if kind < 0.75:
            return self.rng.choice(phrases.ABOUT_SUBJECT[task.id]).replace("{subject}", subject)
        return self.rng.choice(phrases.ABOUT_ANSWER[task.id]).replace("{answer}", answer)
