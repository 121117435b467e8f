"""Languages other than English: their glossaries, and how well reports in them are read."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from extractors.languages.glossary import Glossary

NAMES: Mapping[str, str] = {"de": "German"}
"""What each language with a glossary is called, by BCP 47 tag.

One without a glossary is not read; English, that of the patterns, needs none.
"""
_HOME = {"de": ("extractors.languages.german", "GERMAN")}


def glossary_of(language: str) -> "Glossary | None":
    """Return the glossary of a language; it is loaded when the first text of it comes."""
    if language not in _HOME:
        return None
    module, name = _HOME[language]
    return cast("Glossary", getattr(import_module(module), name))


def read_from(language: str) -> str | None:
    """Return the sentence that says from which language values were read; None for English."""
    name = NAMES.get(language)
    if name is None:
        return None
    return f"Read from {name}, word by word into English: compare each value with its quote."
