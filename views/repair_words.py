"""Failures in plain words, from `playbooks/vocabularies/repair_words.yaml`."""

from functools import cache
from pathlib import Path

from pydantic import Field

from playbook_reader import Strict, read


class StepText(Strict):
    """What it means that a step did not run."""

    stopped: str
    patient: str


class ErrorText(Strict):
    """Why a step failed, and what to do about it."""

    why: str
    do: str


class CodeText(Strict):
    """What a known reason changes in a task's text; what it leaves out stays."""

    stopped: str | None = None
    patient: str | None = None
    do: str | None = None


class TaskText(Strict):
    """What a task that is no failed step is about."""

    stopped: str
    patient: str
    do: str
    codes: dict[str, CodeText] = Field(default_factory=dict)


class RepairWords(Strict):
    """The whole file."""

    version: str
    steps: dict[str, StepText]
    unknown_step: StepText
    errors: dict[str, ErrorText]
    unknown_error: ErrorText
    tasks: dict[str, TaskText]
    will: dict[str, str]

    @classmethod
    def load(cls, playbooks: Path) -> "RepairWords":
        """Read the words of a playbooks folder; raise PlaybookError."""
        return _load(playbooks / "vocabularies" / "repair_words.yaml")

    def of_step(self, step: str, error: str) -> tuple[StepText, ErrorText]:
        """Return what a dead step means and why it died; both have words in any case."""
        known = self.errors.get(error) or ErrorText(
            why=self.unknown_error.why.format(error=error or "an unknown error"),
            do=self.unknown_error.do,
        )
        return self.steps.get(step, self.unknown_step), known

    def of_task(self, kind: str, code: str) -> TaskText:
        """Return the words of a task; those of its code where it has any."""
        text = self.tasks[kind]
        if kind == "settle_message" and code:
            special = text.codes["refused"]
        else:
            special = text.codes.get(code, CodeText())
        return TaskText(
            stopped=(special.stopped or text.stopped).format(code=code),
            patient=special.patient or text.patient,
            do=special.do or text.do,
        )


@cache
def _load(path: Path) -> RepairWords:
    return read(path, f"vocabularies/{path.name}").validate(RepairWords)
