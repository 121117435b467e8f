"""Domains that are made to be taken for another's: letters that look alike, one letter off, another
ending, a word more. Said to whoever decides on a letter; no proof of anything.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from correspondence.incoming.trust import is_public, same_house

Likeness = Literal["letters", "one_letter", "ending", "more"]

SHORTEST = 4
"""Letters of a name of which one may differ: of shorter ones too many do by chance."""
_ALIKE = {
    "а": "a", "ɑ": "a", "α": "a", "с": "c", "ϲ": "c", "ԁ": "d", "е": "e", "ε": "e", "һ": "h",
    "і": "i", "ı": "i", "ι": "i", "ј": "j", "к": "k", "κ": "k", "ӏ": "l", "м": "m", "ո": "n",
    "η": "n", "о": "o", "ο": "o", "օ": "o", "р": "p", "ρ": "p", "ԛ": "q", "г": "r", "ѕ": "s",
    "т": "t", "τ": "t", "ս": "u", "υ": "u", "ν": "v", "ѵ": "v", "ԝ": "w", "ω": "w", "х": "x",
    "χ": "x", "у": "y", "γ": "y", "ʏ": "y", "в": "b", "ь": "b", "ɡ": "g", "ց": "g", "н": "h",
    "0": "o", "1": "l", "3": "e", "5": "s", "8": "b", "|": "l",
}  # fmt: skip
"""Signs that are read as a Latin letter (after Unicode TR 39, as far as names of houses go)."""
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_NEXT_TO = str.maketrans({"i": "l", "j": "i"})


@dataclass(frozen=True, slots=True)
class LooksLike:
    """The domain that another looks like, and how."""

    domain: str
    how: Likeness


def looks_like(domain: str, known: Iterable[str]) -> LooksLike | None:
    """Return which of the known domains this one may be taken for; None for one of their own."""
    own = _read(domain)
    houses = sorted({one.lower().strip(".") for one in known if "." in one})
    if not own or any(same_house(own, one) for one in houses if one.isascii() and own.isascii()):
        return None
    found = [(one, how) for one in houses if (how := _likeness(own, _read(one))) is not None]
    order: list[Likeness] = ["letters", "one_letter", "ending", "more"]
    found.sort(key=lambda pair: order.index(pair[1]))
    return LooksLike(*found[0]) if found else None


def _read(domain: str) -> str:
    """Return a domain as it is shown: what stands for other scripts ("xn--") is decoded."""
    labels = []
    for label in domain.lower().strip(".").split("."):
        if label.startswith("xn--"):
            try:
                label = label[4:].encode("ascii").decode("punycode")
            except (UnicodeError, ValueError):
                return ""
        labels.append(label)
    return unicodedata.normalize("NFKC", ".".join(labels))


def _likeness(own: str, known: str) -> Likeness | None:
    (name, ending), (other, its_ending) = _parts(own), _parts(known)
    if not name or not other or (name, ending) == (other, its_ending):
        return None
    if _shape(name) == _shape(other) and name != other:
        return "letters"
    if name == other:
        return "ending"
    long_enough = min(len(name), len(other)) >= SHORTEST
    if long_enough and (_one_off(name, other) or _one_off(_shape(name), _shape(other))):
        return "one_letter"
    words = (*name.replace("_", "-").split("-"), *own.split("."))
    inside = other in words or (len(other) > SHORTEST + 1 and other in name)
    return "more" if inside and len(other) >= SHORTEST else None


def _parts(domain: str) -> tuple[str, str]:
    """Return the name of a house, and what stands behind it: ("clinic", "co.uk")."""
    labels = domain.split(".")
    for number in range(len(labels) - 1, 0, -1):
        if not is_public(".".join(labels[number - 1 :])):
            return labels[number - 1], ".".join(labels[number:])
    return "", ""


def _shape(name: str) -> str:
    """Return a name as a hasty eye sees it."""
    plain = unicodedata.normalize("NFD", name)
    plain = "".join(_ALIKE.get(sign, sign) for sign in plain if not unicodedata.combining(sign))
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain.translate(_NEXT_TO)


def _one_off(name: str, other: str) -> bool:
    """Return whether one letter is left out, added, another, or has changed places."""
    if abs(len(name) - len(other)) > 1 or name == other:
        return False
    start = 0
    while start < min(len(name), len(other)) and name[start] == other[start]:
        start += 1
    rest, its_rest = name[start:], other[start:]
    swapped = rest[:2] == its_rest[1::-1] and rest[2:] == its_rest[2:]
    return swapped or rest[1:] == its_rest[1:] or rest[1:] == its_rest or rest == its_rest[1:]
