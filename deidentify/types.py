"""What is known of a person, the words of a page, and what was found among them."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Box = tuple[float, float, float, float]
"""x0, top, x1, bottom; origin at the top left of the page as shown. Any unit, one per page."""

Kind = Literal[
    "name", "relative", "clinician", "birth", "date", "age", "phone", "fax", "email", "url", "ip",
    "number", "address", "code", "signature", "photo", "unread", "by_hand",
]  # fmt: skip
"""Whose or what a hit is. `code` is a bar or QR code, `unread` is ink that nobody could read,
`photo` a picture that may show a face, `by_hand` what a person added."""


@dataclass(frozen=True, slots=True)
class Identity:
    """All that is known of the patient and of who is with them; every spelling that is known.

    `names` are the patient's, whole ("Amara N. Okoye", "王小明"), `others` those of relatives and
    helpers. `numbers` are passports, identity cards, records, accessions, the case's reference.
    `addresses` are lines or whole addresses. Nothing here need be complete: spellings of other
    scripts are worked out.
    """

    names: tuple[str, ...] = field(default=(), repr=False)
    others: tuple[str, ...] = field(default=(), repr=False)
    births: tuple[date, ...] = field(default=(), repr=False)
    phones: tuple[str, ...] = field(default=(), repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    addresses: tuple[str, ...] = field(default=(), repr=False)
    numbers: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Word:
    """One printed word. `page` counts from 1.

    `turn` is by how many degrees clockwise the page must be turned for the word to stand upright
    (0, 90, 180, 270). `reading` tells readings of one page apart (its text layer, its OCR): words
    of two readings never make one line. `sure` is 0..1.
    """

    text: str
    box: Box
    page: int = 1
    turn: int = 0
    reading: int = 0
    sure: float = 1.0


@dataclass(frozen=True, slots=True)
class Hit:
    """What has to go. `words` are indices into the words that were asked about, `boxes` theirs.

    `certain` is False where a person should look: it goes too unless they say otherwise. `why` is
    a code of `deidentify.reasons.REASONS`. `instead` may be printed in its place ("2026-03" for a
    date); empty for most.
    """

    kind: Kind
    page: int
    words: tuple[int, ...]
    boxes: tuple[Box, ...]
    text: str = field(repr=False)
    certain: bool
    why: str
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Survivor:
    """What is still there after redaction and looks like a part of the identity.

    `certain` is False for a word that also means something else ("Grade", "Stern"): a person may
    say that it is not the name. A certain one cannot be talked away, only covered.
    """

    kind: Kind
    page: int
    boxes: tuple[Box, ...]
    text: str = field(repr=False)
    certain: bool
    why: str
