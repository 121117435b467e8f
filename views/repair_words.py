"""Failures in plain words: a step's and a task's own, errors from `repair_words.yaml`."""

from functools import cache
from pathlib import Path

from playbook_reader import Strict, read
from workflows.decisions import QUESTIONS
from workflows.engine.deciding import Trouble
from workflows.hooks.delivering import GIVEN_UP
from workflows.steps import STEPS

WEBHOOK = "webhook"
"""The kind of a delivery to a partner that was given up; no human task asks for it."""


class StepText(Strict):
    """What it means that a step did not run."""

    stopped: str
    patient: str


class ErrorText(Strict):
    """Why a step failed, and what to do about it."""

    why: str
    do: str


class RepairWords(Strict):
    """The whole file."""

    version: str
    unknown_step: StepText
    errors: dict[str, ErrorText]
    unknown_error: ErrorText

    @classmethod
    def load(cls, playbooks: Path) -> "RepairWords":
        """Read the words of a playbooks folder; raise PlaybookError."""
        return _load(playbooks / "vocabularies" / "repair_words.yaml")

    def of_step(self, step: str, error: str) -> tuple[StepText, ErrorText]:
        """Return what a dead step means and why it died; both have words in any case."""
        text = self.unknown_step
        if step in STEPS:
            text = StepText(stopped=STEPS[step].stopped, patient=STEPS[step].patient)
        known = self.errors.get(error) or ErrorText(
            why=self.unknown_error.why.format(error=error or "an unknown error"),
            do=self.unknown_error.do,
        )
        return text, known

    def of_task(self, kind: str, code: str) -> Trouble:
        """Return the words of a task; those of its code where it has any."""
        trouble = GIVEN_UP if kind == WEBHOOK else QUESTIONS[kind].trouble
        return (trouble or Trouble()).of_code(code)


@cache
def _load(path: Path) -> RepairWords:
    return read(path, f"vocabularies/{path.name}").validate(RepairWords)
