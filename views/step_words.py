"""What each step does, in plain words, for deadlines and for failures alike."""

from workflows.engine.words import in_words
from workflows.steps import STEPS


def step_in_words(name: str) -> str:
    """Return what step `name` does; a step that is no more is shown by its name."""
    step = STEPS.get(name)
    return step.words if step else in_words(name.partition(".")[2] or name)
