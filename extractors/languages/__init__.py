"""Languages other than English: their glossaries, and how well reports in them are read."""

from collections.abc import Mapping

from extractors.languages.german import GERMAN
from extractors.languages.glossary import Glossary

GLOSSARIES: Mapping[str, Glossary] = {"de": GERMAN}
"""By BCP 47 tag. A language without one is not read; English, that of the patterns, needs none."""

NAMES: Mapping[str, str] = {"de": "German"}
"""What each of them is called."""


def read_from(language: str) -> str | None:
    """Return the sentence that says from which language values were read; None for English."""
    name = NAMES.get(language)
    if name is None:
        return None
    return f"Read from {name}, word by word into English: compare each value with its quote."
