"""Placeholders in what a person types: `{{case}}` is filled with what the file states.

Pure: texts in, texts out. What is not known is refused with its name, and nothing is guessed.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from playbook_reader import Strict, read

_PLACEHOLDER = re.compile(r"\{\{\s*(?P<name>[^{}]*?)\s*\}\}")
IN_THREADS = (
    "case", "department", "hospital", "coordinator", "phone", "hours", "asked_on", "answered_on",
    "reply_by", "admission_date", "operation_date",
)  # fmt: skip
"""What a letter to a hospital may have filled in; `workflows/outreach/filling.py` gives each."""
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}")


class NotFilled(ValueError):
    """A text has placeholders that nothing fills; the message is for who typed it."""


class StartingText(Strict):
    """A beginning of a letter that a person picks and changes; `asks`: an answer is awaited."""

    code: str
    title: str
    asks: bool
    body: str


class StartingTexts(Strict):
    """`hospital_texts.yaml`."""

    version: str
    texts: tuple[StartingText, ...]

    def text(self, code: str) -> StartingText | None:
        """Return one by its code."""
        return next((one for one in self.texts if one.code == code), None)


def load_texts(path: Path, known: Collection[str]) -> StartingTexts:
    """Read the beginnings; raises PlaybookError for a placeholder that is not among `known`."""
    document = read(path, path.name)
    found = document.validate(StartingTexts)
    for number, one in enumerate(found.texts):
        strange = sorted(set(placeholders_in(one.body)) - set(known))
        if strange:
            said = f"no such placeholder: {', '.join(strange)}"
            raise document.error(("texts", number, "body"), said, f"one of {', '.join(known)}")
    return found


def placeholders_in(text: str) -> list[str]:
    """Return the names of the placeholders of a text, in its order."""
    return [found["name"] for found in _PLACEHOLDER.finditer(text)]


def filled(text: str, values: Mapping[str, str | None]) -> str:
    """Return a text with its placeholders filled; raise `NotFilled` naming those that are not.

    A value of None is one that the file does not state yet.
    """
    names = list(dict.fromkeys(placeholders_in(text)))
    strange = [name for name in names if name not in values]
    if strange:
        known = ", ".join("{{" + name + "}}" for name in values)
        said = ", ".join("{{" + name[:40] + "}}" for name in strange)
        raise NotFilled(f"There is no placeholder {said}. Known are: {known}.")
    blank = [name for name in names if values[name] is None]
    if blank:
        said = ", ".join("{{" + name + "}}" for name in blank)
        raise NotFilled(f"Nobody has stated {said} yet: write the letter without it.")
    text = _PLACEHOLDER.sub(lambda found: values[found["name"]] or "", text)
    if left := _BRACES.search(text):
        raise NotFilled(f'A placeholder is not closed: look at "{left.group()}" in the text.')
    return text
