"""The portal's languages: which there are, and the texts of the one a reader chose."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the portal: BCP 47 code, its own name, and whether it runs right to left."""

    code: str
    name: str
    right_to_left: bool = False


ENGLISH = Language("en", "English")
LANGUAGES = {
    language.code: language
    for language in (
        ENGLISH,
        Language("zh", "中文"),
        Language("hi", "हिन्दी"),
        Language("ar", "العربية", right_to_left=True),
        Language("ru", "Русский"),
        Language("fr", "Français"),
    )
}

reading: ContextVar[Language] = ContextVar("reading", default=ENGLISH)
"""The language of the page being made; set by the page, read by the templates."""


def translate(text: str) -> str:
    """Return `text` in the language being read; English itself where it has no translation."""
    return text


def translate_count(one: str, many: str, count: int) -> str:
    """Return the form that fits `count` in the language being read."""
    return one if count == 1 else many
