"""Languages other than English: their glossaries, and how well reports in them are read."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from extractors.languages.glossary import Glossary

NAMES: Mapping[str, str] = {"de": "German"}
"""What each language with a glossary is called, by BCP 47 tag.

One without a glossary is not read; English, that of the patterns, needs none.
"""


def glossary_of(language: str) -> "Glossary | None":
    """Return the glossary of a language; it is loaded when the first text of it comes."""
    if language == "de":
        from extractors.languages.german import GERMAN

        return GERMAN
    return None


def read_from(language: str) -> str | None:
    """Return the sentence that says from which language values were read; None for English."""
    name = NAMES.get(language)
    if name is None:
        return None
    return f"Read from {name}, word by word into English: compare each value with its quote."
