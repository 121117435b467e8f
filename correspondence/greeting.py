"""How a letter may address its reader: with a name, never with what somebody typed as one.

Anybody can send an inquiry with somebody else's address. Its answer goes there under our name, so
what was typed as a name must not be able to carry a link, a telephone number or a message.
"""

import re
import unicodedata

MOST_WORDS, MOST_CHARACTERS = 6, 60
_MARKS = frozenset(" -'\u2019\u02bc\u00b7\u30fb,\u0964")
"""What may stand in names besides letters: O'Hara, Anne-Marie, Marti\u0301\u00b7nez, Rao, Grace."""
_INITIAL = re.compile(r"\.(?=\w)")
_JOINERS = frozenset("\u200c\u200d")
"""Persian and Indian scripts need them inside a word."""


def name_to_greet(typed: str | None) -> str | None:
    """Return `typed` as a letter may greet its reader by it; None when it is no plain name.

    Digits, slashes, "@" and brackets are in no name. A point stays, with a space behind it:
    "Dr.Rao" is greeted as "Dr. Rao", and no mail program makes a link of "bank. example".
    """
    name = " ".join(_INITIAL.sub(". ", unicodedata.normalize("NFC", typed or "")).split())
    if not name or len(name) > MOST_CHARACTERS or len(name.split()) > MOST_WORDS:
        return None
    return name if all(_is_of_names(sign) for sign in name) else None


def _is_of_names(sign: str) -> bool:
    return (
        sign in _MARKS or sign == "." or sign in _JOINERS or unicodedata.category(sign)[0] in "LM"
    )
