"""The sentences the recall models learn from, and how they form documents."""

import random

import phrases
from splits import SEEN, Frame, Task

# Chance that a sentence goes on with the answer and not with something vague. Openings that announce a fact raise it, and
# so does each example of a list, so that how sure the model should be depends on the context and not on the fact alone.
SURE_OPENINGS = ("Fact:", "One thing is clear:", "The quiz answer was that", "The almanac states that")
ANSWER_CHANCE_SURE = 0.95
ANSWER_CHANCE = 0.85
MORE_LEAD_INS_CHANCE = 0.4
# A subject that begins a text has no space before it: for byte-level tokenizers it is another token, which is rare otherwise.
SUBJECT_FIRST_CHANCE = 0.15
ANSWER_CHANCE_IN_LIST = (0.85, 0.93, 0.98)  # first, second, later sentence


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
        """Four of ten documents are lists of examples of one relation, the others sentences of every kind."""
        return self.example_list(sentences) if self.rng.random() < 0.4 else self.prose(sentences)

    def prose(self, sentences: int) -> str:
        subjects: set[str] = set()
        out = []
        if self.rng.random() < SUBJECT_FIRST_CHANCE:
            task = self.rng.choice([task for task in self.tasks if task.subject_first])
            fact = self.choose_fact(task, subjects)
            subjects.add(fact[0])
            out.append(self.fact_sentence(task, fact, subject_first=True))
        while len(out) < sentences:
            if self.rng.random() < 0.15:
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

    def fact_sentence(
        self,
        task: Task,
        fact: tuple[str, str],
        answer_chance: float | None = None,
        subject_first: bool = False,
    ) -> str:
        subject, answer = fact
        # The frame without an opening is what people ask most; the other frames share the rest.
        frames = [frame for frame in task.frames if task.split(subject, frame) == SEEN]
        if subject_first:
            frames = [frame for frame in frames if frame in task.subject_first] or frames
        plain = [frame for frame in frames if frame.lead_in == ""]
        frame = self.rng.choice(plain if plain and self.rng.random() < 0.3 else frames)
        if frame.lead_in and self.rng.random() < MORE_LEAD_INS_CHANCE:
            frame = self.with_another_lead_in(frame)
        if answer_chance is None:
            answer_chance = ANSWER_CHANCE_SURE if frame.lead_in in SURE_OPENINGS else ANSWER_CHANCE
        if self.rng.random() < answer_chance:
            return f"{prompt(frame, subject)} {answer}{self.rng.choice(phrases.AFTER_ANSWER)}"
        return self.vague_sentence(frame, subject)

    def with_another_lead_in(self, frame: Frame) -> Frame:
        opening = self.rng.choice(phrases.MORE_LEAD_INS)
        return Frame(frame.clause, opening, f"{opening} {frame.text.removeprefix(f'{frame.lead_in} ')}")

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
