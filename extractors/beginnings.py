"""How every match of a pattern begins: the first letters, worked out from the pattern itself.

A search tries a pattern at each place of a text. Most places cannot begin a match, and a few
letters tell: `beginnings` lists them, `extractors.searched` finds where a text has them. What is
listed may be too much and is never too little, so a search there finds what a search everywhere
finds.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

# Letters for a class of letters: any digit, any white space, anything beyond ASCII.
DIGIT, SPACE, FOREIGN = "0", " ", "\x7f"
_BLANKS = "\t\n\v\f\r\x1c\x1d\x1e\x1f "
_PRINTED = [chr(code) for code in range(33, 127)]
_LENGTH = 3
_MOST = 400
_SYMBOLS = dict.fromkeys(map(ord, "0123456789"), DIGIT) | dict.fromkeys(map(ord, _BLANKS), SPACE)
_ANY = frozenset(["\x00", SPACE, FOREIGN, *(c for c in _PRINTED if not c.isdigit()), DIGIT])
_WORD = frozenset([*(c for c in _PRINTED if c.isalpha()), "_", DIGIT, FOREIGN])
_CLASSES = {
    "d": frozenset({DIGIT, FOREIGN}),
    "s": frozenset({SPACE, FOREIGN}),
    "w": _WORD,
    "D": _ANY - {DIGIT},
    "S": _ANY - {SPACE},
    "W": (_ANY - _WORD) | {FOREIGN},
}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_TIMES = re.compile(r"(?:(?P<sign>[*+?])|\{(?P<least>\d*)(?P<comma>,?)(?P<most>\d*)\})[?+]?")
_WIDTHS = {"x": 2, "u": 4}
_SEVERAL = {DIGIT, SPACE, FOREIGN, "\x00"}
_NAME = re.compile(r"\?P<\w+>|\?:|\?>|\?[msx]+:")

# A run of plain letters, the last of which comes once, and what stands behind a beginning.
_LETTERS = re.compile(r"[^\\.^$*+?{\[|()]+(?![*+?{])")
_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|]|[^\\()\[|]+", re.DOTALL)


class Heads(NamedTuple):
    """What a piece of a pattern may begin with.

    The next piece comes right behind what is `open`, and says nothing new of what is `shut`.
    """

    shut: frozenset[str]
    open: frozenset[str]


_NONE: frozenset[str] = frozenset()
_NOTHING = Heads(_NONE, frozenset({""}))


class _UnknownSign(Exception):
    """The pattern has something that this reader of patterns does not know."""


def symbol(character: str) -> str:
    """Return the letter that stands for a character in the lists of beginnings."""
    if ord(character) > 126:
        return FOREIGN
    return _SYMBOLS.get(ord(character), character if character >= " " else "\x00")


def beginnings(pattern: str) -> frozenset[str]:
    """Return what a match may begin with, in `symbol`s, at most three; empty when it is anything.

    Knows what the patterns of this house use; a pattern with flags or with anything else gets an
    empty answer.
    """
    reader = _Reader(pattern)
    try:
        found = reader.choices()
    except _UnknownSign:
        return _NONE
    heads = found.shut | found.open
    if reader.at < len(pattern) or "" in heads:
        return _NONE
    return frozenset(h for h in heads if not any(h[:n] in heads for n in range(1, len(h))))


class _Reader:
    """Goes through a pattern once, from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def choices(self) -> Heads:
        """Read alternatives up to a closing bracket or the end."""
        found = self._row()
        while self._next("|"):
            found = _either(found, self._row())
        return found

    def _next(self, sign: str) -> bool:
        there = self.pattern.startswith(sign, self.at)
        self.at += len(sign) if there else 0
        return there

    def _row(self) -> Heads:
        found = _NOTHING
        while found.open and self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            found = _behind(found, self._repeated(self._piece()))
        self._skip()
        return found

    def _skip(self) -> None:
        """Go to the end of the alternative."""
        depth = 0
        while self.at < len(self.pattern):
            token = _TOKEN.match(self.pattern, self.at)
            if token is None:
                raise _UnknownSign
            if depth == 0 and token[0] in {"|", ")"}:
                return
            depth += {"(": 1, ")": -1}.get(token[0], 0)
            self.at = token.end()

    def _piece(self) -> Heads:
        letters = _LETTERS.match(self.pattern, self.at)
        if letters:
            self.at = letters.end()
            word = "".join(map(symbol, letters[0][:_LENGTH]))
            return Heads(frozenset({word}), _NONE) if len(word) == _LENGTH else _one_of({word})
        sign = self.pattern[self.at]
        self.at += 1
        if sign == "(":
            return self._group()
        if sign == "[":
            return _one_of(self._class())
        if sign == "\\":
            return self._escaped()
        if sign == ".":
            return _one_of(_ANY)
        return _NOTHING if sign in "^$" else _one_of({symbol(sign)})

    def _group(self) -> Heads:
        looking = any(map(self._next, ("?=", "?!", "?<=", "?<!")))
        named = None if looking else _NAME.match(self.pattern, self.at)
        if named:
            self.at = named.end()
        elif not looking and self.pattern.startswith("?", self.at):
            raise _UnknownSign
        if looking:
            self._skip_choices()
        found = _NOTHING if looking else self.choices()
        if not self._next(")"):
            raise _UnknownSign
        return found

    def _skip_choices(self) -> None:
        self._skip()
        while self._next("|"):
            self._skip()

    def _escaped(self) -> Heads:
        sign = self.pattern[self.at]
        if sign in "bBAZ":
            self.at += 1
            return _NOTHING
        return _one_of(self._meant())

    def _meant(self) -> frozenset[str]:
        """Read what stands behind a backslash."""
        sign = self.pattern[self.at]
        self.at += 1
        if sign in _CLASSES:
            return _CLASSES[sign]
        if sign in _WIDTHS:
            width = _WIDTHS[sign]
            self.at += width
            return frozenset({symbol(chr(int(self.pattern[self.at - width : self.at], 16)))})
        if sign.isalnum() and sign not in _CONTROLS:
            raise _UnknownSign
        return frozenset({symbol(_CONTROLS.get(sign, sign))})

    def _class(self) -> frozenset[str]:
        outside = self._next("^")
        found: set[str] = set()
        first = self.at
        while self.at == first or self.pattern[self.at] != "]":
            low, letters = self._class_sign()
            found |= letters
            if low and self.pattern[self.at] == "-" and self.pattern[self.at + 1] != "]":
                self.at += 1
                high, _ = self._class_sign()
                if not high:
                    raise _UnknownSign
                found |= {symbol(chr(code)) for code in range(ord(low), min(ord(high), 127) + 1)}
                found |= {symbol(high)}
        self.at += 1
        # A letter that stands for several is left by one of them.
        return _ANY - (found - _SEVERAL) if outside else frozenset(found)

    def _class_sign(self) -> tuple[str, frozenset[str]]:
        """Read one member of a class: itself, empty for a whole class, and its letters."""
        sign = self.pattern[self.at]
        self.at += 1
        if sign != "\\":
            return sign, frozenset({symbol(sign)})
        first = self.at
        letters = self._meant()
        if self.pattern[first] in _CLASSES:
            return "", letters
        sign = self.pattern[first]
        if sign in _WIDTHS:
            return chr(int(self.pattern[first + 1 : self.at], 16)), letters
        return _CONTROLS.get(sign, sign), letters

    def _repeated(self, piece: Heads) -> Heads:
        least, most = self._times()
        if (least, most) == (1, 1):
            return piece
        found = _NOTHING if least == 0 else Heads(_NONE, _NONE)
        so_far = _NOTHING
        for times in range(1, min(max(most, 1), _LENGTH) + 1):
            so_far = _behind(so_far, piece)
            if times >= min(least, _LENGTH):
                found = _either(found, so_far)
        return found

    def _times(self) -> tuple[int, int]:
        """Read how often the piece may come; three times stands for more."""
        found = _TIMES.match(self.pattern, self.at)
        if found is None:
            return 1, 1
        self.at = found.end()
        if found["sign"]:
            return {"*": (0, _LENGTH), "+": (1, _LENGTH), "?": (0, 1)}[found["sign"]]
        least = int(found["least"] or 0)
        most = int(found["most"] or _LENGTH) if found["comma"] else least
        return least, most


def _one_of(words: Iterable[str]) -> Heads:
    return Heads(_NONE, frozenset(words))


def _either(one: Heads, other: Heads) -> Heads:
    return Heads(one.shut | other.shut, one.open | other.open)


def _behind(before: Heads, piece: Heads) -> Heads:
    """Return how two pieces begin, one behind the other; cut where there are too many ways."""
    if before is _NOTHING:
        return piece
    if piece is _NOTHING:
        return before
    for length in (2, 1, 0):
        if len(before.open) * (len(piece.shut) + len(piece.open)) + len(before.shut) <= _MOST:
            break
        piece = Heads(frozenset(word[:length] for word in piece.shut | piece.open), _NONE)
    shut = {(head + more)[:_LENGTH] for head in before.open for more in piece.shut}
    longer = {head + more for head in before.open for more in piece.open}
    still = {word for word in longer if len(word) < _LENGTH}
    shut |= {word[:_LENGTH] for word in longer - still}
    return Heads(before.shut | shut, frozenset(still))
