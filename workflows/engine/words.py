"""Events and codes in plain words, from `playbooks/vocabularies/events.yaml`."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from playbook_reader import read
from workflows.events import FIELD_IN_WORDS, VocabularyFile

_FROM_COLON = re.compile(r": [^:]*\{.*$")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_CODE_WITH_WORDS = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")
_STATE = re.compile(r"[A-Z][A-Z_]+")
_WRITTEN = {
    word.lower(): word
    for word in (
        "BRCA1", "BRCA2", "CNS", "DCIS", "EBRT", "EBX", "ER", "FISH", "HDR", "HER2", "IDC", "IHC",
        "ILC", "IOERT", "IORT", "ISH", "kV", "LCIS", "MRI", "NST", "PR",
    )
}  # fmt: skip
"""Abbreviations in codes, as clinicians write them."""


class EventWords:
    """Turns an event into a sentence."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._templates = dict(templates)

    @classmethod
    def load(cls, playbooks: Path) -> "EventWords":
        """Read the templates of a playbooks folder; raise PlaybookError."""
        return _load(playbooks / "vocabularies" / "events.yaml")

    def names(self) -> frozenset[str]:
        """Return the event types that have words."""
        return frozenset(self._templates)

    def sentence(
        self, type: str, payload: Mapping[str, Any], hospitals: Mapping[int, str] | None = None
    ) -> str:
        """Return what an event means; an unknown type is shown by its name."""
        template = self._templates.get(type, type.replace(".", " ").replace("_", " "))
        known = {
            name: shown
            for name, value in payload.items()
            if (shown := _shown(name, value, hospitals or {}))
        }

        def optional(match: re.Match[str]) -> str:
            part = match.group(1)
            return part if all(name in known for name in FIELD_IN_WORDS.findall(part)) else ""

        kept = _OPTIONAL.sub(optional, template)
        return FIELD_IN_WORDS.sub(lambda match: known.get(match.group(1), "none"), kept)

    def heading(self, type: str) -> str:
        """Return what an event of this type means when nothing of its payload is known.

        Parts that need a field are left out; so is what follows a colon.
        """
        text = _OPTIONAL.sub("", self._templates.get(type, type.replace(".", " ")))
        return _FROM_COLON.sub("", text)


@cache
def _load(path: Path) -> EventWords:
    return EventWords(read(path, f"vocabularies/{path.name}").validate(VocabularyFile).words)


def _shown(name: str, value: Any, hospitals: Mapping[int, str]) -> str:
    if value is None or value == "":
        return ""
    if name == "hospital_id" and isinstance(value, int):
        return hospitals.get(value, f"hospital {value}")
    if name == "due_at" and isinstance(value, str):
        return value[:16].replace("T", " ") + (" UTC" if "T" in value else "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_shown("", item, hospitals) for item in value)
    if isinstance(value, float):
        return f"{value:g}" if value < 1e6 else f"{value:.2f}"
    return in_words(str(value))


def in_words(code: str) -> str:
    """Return a code as words: `COLLECTING_RECORDS` is "collecting records"; others unchanged."""
    if _STATE.fullmatch(code) and len(code) > 3:
        return code.lower().replace("_", " ")
    if not _CODE_WITH_WORDS.fullmatch(code):
        return code
    return " ".join(_WRITTEN.get(word, word) for word in code.split("_"))
