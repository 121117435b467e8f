"""Which answers of which questions were tried, and taken, in which state of the case."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models import Case
from workflows.decisions import QUESTIONS
from workflows.stages import HOLD, STAGES

if TYPE_CHECKING:
    from tests.simulation.answering import Asked

Pair = tuple[str, str, str]
"""State of the case, question, answer."""


@dataclass
class Coverage:
    """Counts by (state, question, answer)."""

    tries: Counter[Pair] = field(default_factory=Counter)
    takes: Counter[Pair] = field(default_factory=Counter)
    answers: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How well (question, answer) is known: a try is one, a take three more."""
    reasons: dict[tuple[str, str], str] = field(default_factory=dict)

    def tried(self, asked: "Asked", answer: str) -> None:
        """Count an answer that is given."""
        self.tries[(asked.case_state, asked.kind, answer)] += 1
        self.answers[(asked.kind, answer)] += 1

    def taken(self, asked: "Asked", answer: str) -> None:
        """Count an answer that is taken."""
        self.takes[(asked.case_state, asked.kind, answer)] += 1
        self.answers[(asked.kind, answer)] += 3

    def refused(self, asked: "Asked", answer: str, why: str) -> None:
        """Keep why an answer was refused last."""
        self.reasons[(asked.kind, answer)] = why

    def add(self, other: "Coverage") -> None:
        """Add what another house saw."""
        self.tries.update(other.tries)
        self.takes.update(other.takes)
        self.answers.update(other.answers)
        self.reasons.update(other.reasons)


def words(coverage: Coverage, *, table: bool) -> Iterator[str]:
    """Yield what was covered of all questions and answers, and what never was and why."""
    every = every_answer()
    pairs = {(kind, answer) for kind, answers in every.items() for answer in answers}
    taken = {(kind, answer) for _, kind, answer in coverage.takes}
    yield (
        f"{len(taken & pairs)} of {len(pairs)} answers were taken, in {len(coverage.takes)} pairs "
        f"of state and answer; {len(coverage.tries)} pairs were tried"
    )
    for kind, answer, why in never(coverage):
        yield f"  never taken: {kind}.{answer} ({why})"
    if table:
        for (state, kind, answer), count in sorted(coverage.tries.items()):
            yield f"  {state} {kind}.{answer}: {coverage.takes[(state, kind, answer)]} of {count}"


def every_answer() -> Mapping[str, frozenset[str]]:
    """Return all answers of all questions, whatever the state."""
    found: dict[str, set[str]] = {}
    for kind, question in QUESTIONS.items():
        for state in _STATES:
            for beside in _BESIDE:
                case = Case(ref="x", state=state, stage="x", pathology_state=beside)
                found.setdefault(kind, set()).update(question.choices(case))
    return {kind: frozenset(codes) for kind, codes in found.items()}


_BESIDE = (
    "NOT_STARTED", "PENDING", "RECEIVED", "NO_CHANGE", "SUPPL_RECOMMENDED", "SUPPL_SCHEDULED",
)  # fmt: skip
_STATES = sorted(state for states in (*STAGES.values(), (HOLD,)) for state in states)


def never(coverage: Coverage) -> Iterator[tuple[str, str, str]]:
    """Yield (question, answer, "never asked", "never tried" or why it was refused)."""
    asked = {kind for _, kind, _ in coverage.tries}
    tried = {(kind, answer) for _, kind, answer in coverage.tries}
    taken = {(kind, answer) for _, kind, answer in coverage.takes}
    for kind, answers in sorted(every_answer().items()):
        for answer in sorted(answers):
            if (kind, answer) in taken:
                continue
            if kind not in asked:
                yield kind, answer, "never asked"
            elif (kind, answer) not in tried:
                yield kind, answer, "never tried"
            else:
                why = coverage.reasons.get((kind, answer), "")
                yield kind, answer, f"always refused: {why[:160]}"
