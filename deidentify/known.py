"""Numbers, telephones, addresses and e-mail that are known of the person, however they are cut."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from deidentify.common_words import is_common
from deidentify.folding import fold, is_unparted, number_as_read
from deidentify.lines import Line
from deidentify.types import Identity, Kind

_LEAST_NUMBER, _LEAST_PHONE, _LEAST_STREET = 4, 7, 5
_PHONE_END = 9
_LIKE = 88
_COUNTRIES = frozenset(
    [
        "india",
        "kenya",
        "nigeria",
        "germany",
        "russia",
        "china",
        "turkey",
        "greece",
        "korea",
        "egypt",
        "usa",
        "uk",
        "oman",
        "qatar",
        "kuwait",
    ]
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something known stands: the lines' numbers with the words of each."""

    kind: Kind
    words: tuple[int, ...]
    text: str
    exact: bool


@dataclass(frozen=True, slots=True)
class _Known:
    kind: Kind
    sign: str
    exact_only: bool = False


class KnownNumbers:
    """Everything of an identity that is looked for by its letters and digits alone."""

    def __init__(self, identity: Identity) -> None:
        """Take numbers of 4 signs and more, telephones by their last 9 digits."""
        known: list[_Known] = []
        for number in identity.numbers:
            known.append(_Known("number", number_as_read(number)))
            digits = "".join(filter(str.isdigit, number_as_read(number)))
            if len(digits) >= 6:
                known.append(_Known("number", digits))
        for phone in identity.phones:
            digits = "".join(filter(str.isdigit, number_as_read(phone)))
            if len(digits) >= _LEAST_PHONE:
                known.append(_Known("phone", digits[-_PHONE_END:]))
        for email in identity.emails:
            known.append(_Known("email", number_as_read(email)))
            user = number_as_read(email.partition("@")[0])
            if len(user) >= 5:
                known.append(_Known("email", user, exact_only=True))
        for address in identity.addresses:
            for piece in re.split(r"[,;\n，、]", address):
                sign = number_as_read(piece)
                if len(sign) >= _LEAST_STREET and not is_common(fold(piece.strip())):
                    if fold(piece.strip()) not in _COUNTRIES:
                        known.append(_Known("address", sign))
                elif is_unparted(piece) and len(piece.strip()) >= 2:
                    known.append(_Known("address", sign))
        kept = {(one.kind, one.sign): one for one in known if len(one.sign) >= _least(one)}
        self._known = tuple(kept.values())

    def places(self, lines: Sequence[Line], *, loose: bool = False) -> Iterator[Place]:
        """Yield where they stand: within a line, or from the end of one into the next.

        `loose`: also with one sign of six misread, and telephones by their last 7 digits.
        """
        if not self._known:
            return
        for number, line in enumerate(lines):
            yield from self._in([line], loose)
            if number + 1 < len(lines) and lines[number + 1].page == line.page:
                yield from self._in([line, lines[number + 1]], loose, across=True)

    def _in(self, lines: Sequence[Line], loose: bool, *, across: bool = False) -> Iterator[Place]:
        signs: list[str] = []
        homes: list[tuple[int, int]] = []
        for at, line in enumerate(lines):
            for place, sign in enumerate(line.text):
                read = number_as_read(sign)
                if read:
                    signs.append(read[0])
                    homes.append((at, place))
        text = "".join(signs)
        border = sum(home[0] == 0 for home in homes)
        for known in self._known:
            for start, end, exact in _found(known, text, loose):
                if across and not start < border < end:
                    continue
                if exact and not _is_whole(known, lines, homes, start, end):
                    continue
                words = tuple(dict.fromkeys(
                    word
                    for at, place in homes[start:end]
                    for word in lines[at].at(place, place + 1)
                ))  # fmt: skip
                yield Place(known.kind, words, text[start:end], exact)


def _least(known: _Known) -> int:
    return _LEAST_NUMBER if known.kind != "address" else 2


def _found(known: _Known, text: str, loose: bool) -> Iterator[tuple[int, int, bool]]:
    ways = [known.sign]
    if loose and known.kind == "phone" and len(known.sign) > 7:
        ways.append(known.sign[-7:])
    seen = False
    for sign in ways:
        start = text.find(sign)
        while start >= 0:
            seen = True
            yield start, start + len(sign), True
            start = text.find(sign, start + 1)
    if seen or known.exact_only or len(known.sign) < 6 or not text:
        return
    long = len(known.sign)
    if known.kind in ("address", "email") or loose:
        near = fuzz.partial_ratio_alignment(known.sign, text, score_cutoff=_LIKE)
        if near is None or near.dest_end - near.dest_start < long - 2:
            return
        piece = text[near.dest_start : near.dest_end]
        most = 1 if long < 10 else 2
        if Levenshtein.distance(known.sign, piece) <= most:
            yield near.dest_start, near.dest_end, False


def _is_whole(
    known: _Known, lines: Sequence[Line], homes: Sequence[tuple[int, int]], start: int, end: int
) -> bool:
    """Say whether a short number is not a piece of a longer one: 1234 is not in 0.12345."""
    if known.kind == "address" or len(known.sign) >= 7:
        return True
    for edge, step in ((start, -1), (end - 1, 1)):
        at, place = homes[edge]
        near = lines[at].text[place + step : place + step + 1] if place + step >= 0 else ""
        if near.isdigit():
            return False
    return True
