"""Who somebody is: whether a text names anybody, and whether two pseudonyms are one person's."""

import re
import unicodedata

LEAST_LETTERS = 2
_INKLESS = re.compile(r"VARIATION SELECTOR|FILLER|BLANK|GRAPHEME JOINER|INHERENT")
"""Names of signs that are letters, marks or symbols by category and are never seen."""
_WORDS = "Lo"
"""Category of letters of scripts in which one sign may be a word or a name."""


def letters(text: str) -> int:
    """Return how many letters a text has; one of a script without capitals counts for two."""
    kinds = [unicodedata.category(sign) for sign in text]
    return sum(2 if kind == _WORDS else 1 for kind in kinds if kind[0] == "L")


def says_something(text: str) -> bool:
    """Say whether a text may be a name or a reason: it has two letters at least.

    A dot, a dash or a number fills a field and says nothing.
    """
    return letters(text) >= LEAST_LETTERS


def person_key(ref: str) -> str:
    """Return a pseudonym as it counts: no spaces, no unseen signs, capitals and width alike.

    The Turkish letters with and without a dot (İ i, I ı) are one: a keyboard decides between them.
    """
    folded = unicodedata.normalize("NFKC", ref).casefold().replace("i\N{COMBINING DOT ABOVE}", "i")
    return "".join(sign for sign in folded if _is_seen(sign)).replace("ı", "i")


def _is_seen(sign: str) -> bool:
    """Say whether a sign leaves ink: some letters, marks and symbols by category leave none."""
    return unicodedata.category(sign)[0] in "LNPSM" and not _INKLESS.search(
        unicodedata.name(sign, "")
    )


def is_somebody(ref: str) -> bool:
    """Say whether a pseudonym stands for anybody: it has a letter or a digit."""
    return any(sign.isalnum() for sign in person_key(ref))


def same_person(one: str | None, other: str | None) -> bool:
    """Say whether two pseudonyms are one person's; nobody is nobody's second."""
    first, second = person_key(one or ""), person_key(other or "")
    return first == second
