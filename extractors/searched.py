"""A text that many patterns are searched in, and the patterns that use what it knows of itself."""

import re
import sys
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from itertools import chain
from typing import Any

from extractors.beginnings import beginnings, symbol

_WIDTH = 3
# Where beginnings are not much rarer than that, and in a part so short, looking for them is slower.
_MANY = 12
# Beginnings of one or two letters: with more of them a match can begin about everywhere.
_MANY_SHORT = 24
_NEAR = 1_000


class _Letters(dict[int, str]):
    """`symbol` as a table for `str.translate`, filled as characters come."""

    def __missing__(self, code: int) -> str:
        found = self[code] = symbol(chr(code))
        return found


_TABLE = _Letters()


# Not `sys.intern`: its table, which holds all names of the program, would double for them.
_ONCE: dict[str, str] = {}


class Heads:
    """How the matches of a pattern begin: with three letters, or with fewer and then anything."""

    __slots__ = ("short", "whole")

    def __init__(self, heads: frozenset[str]) -> None:
        """Sort what `beginnings` returned."""
        # Patterns share many beginnings: each is kept once. They are only gone through in turn,
        # and a tuple of them takes a sixth of the room of a set.
        self.whole = tuple(_ONCE.setdefault(h, h) for h in sorted(heads) if len(h) == _WIDTH)
        self.short = tuple(head for head in sorted(heads) if len(head) < _WIDTH)


_empty: "partial[array[int]]" = partial(array, "I")


class Searched(str):
    """A text that knows where the beginnings of matches stand in it; a part of it is plain text."""

    # The text that this one is but for what was filled, and what begins where it was filled.
    _before: "Searched | None" = None
    _filled: "dict[str, array[int]]"

    def filled(self, spans: Sequence[tuple[int, int]], sign: str) -> "Searched":
        """Return the text with `sign` in the place of each letter of `spans`, which are in order.

        It takes over what this one knows: only what begins in a span, or runs into it, is new.
        """
        parts: list[str] = []
        at = 0
        for start, end in spans:
            parts += [self[at:start], sign * (end - start)]
            at = end
        made = Searched("".join([*parts, self[at:]]))
        found: defaultdict[str, array[int]] = defaultdict(_empty)
        symbols = made._symbols
        for start, end in spans:
            for place in range(max(0, start - _WIDTH + 1), end):
                for width in range(1, _WIDTH + 1):
                    found[symbols[place : place + width]].append(place)
        made._before, made._filled = self, dict(found)
        return made

    @cached_property
    def _symbols(self) -> str:
        return self.translate(_TABLE) + "\x00" * _WIDTH

    @cached_property
    def _places(self) -> dict[str, "array[int]"]:
        """Where each three letters stand; four bytes a place, for texts of hundreds of pages."""
        text = self._symbols
        found: defaultdict[str, array[int]] = defaultdict(_empty)
        for place, letters in enumerate(map("".join, zip(text, text[1:], text[2:], strict=False))):
            found[letters].append(place)
        return dict(found)

    @cached_property
    def _short_places(self) -> dict[str, "array[int]"]:
        return {}

    def places(self, heads: Heads) -> Sequence[int] | None:
        """Return in order where the text has one of `heads`; None when that is about everywhere."""
        if self._before is not None:
            return self._taken_over(self._before.places(heads), heads)
        held = self._places
        there = [held[head] for head in held.keys() & heads.whole]
        for head in heads.short:
            there.append(self._short_places.get(head) or self._places_of(head))
        if len(there) == 1:
            return there[0]
        if sum(map(len, there)) * _MANY > len(self):
            return None
        return sorted(chain.from_iterable(there))

    def _taken_over(self, places: Sequence[int] | None, heads: Heads) -> Sequence[int] | None:
        """Return the places of the text before it was filled, and those that are new."""
        new = self._filled.keys() & heads.whole | self._filled.keys() & heads.short
        if places is None or not new:
            return places
        return sorted({*places, *chain.from_iterable(map(self._filled.__getitem__, new))})

    def kept_places(self, heads: Heads) -> Sequence[int] | None:
        """Return `places`, kept for those who ask for one part of the text after the other."""
        if heads not in self._kept:
            self._kept[heads] = self.places(heads)
        return self._kept[heads]

    @cached_property
    def _kept(self) -> dict[Heads, Sequence[int] | None]:
        return {}

    def _places_of(self, head: str) -> "array[int]":
        """Return where one or two letters stand."""
        held = self._short_places[head] = _empty()
        find, add = self._symbols.find, held.append
        at = find(head)
        while at >= 0:
            add(at)
            at = find(head, at + 1)
        return held


class Pattern:
    """A pattern that searches a `Searched` text only where a match can begin.

    It is compiled when a text first has such a place. All methods mean what they mean in `re`.
    """

    _heads: Heads | None
    __slots__ = (
        "_compiled",
        "_flags",
        "_heads",
        "findall",
        "fullmatch",
        "match",
        "pattern",
        "split",
        "sub",
        "subn",
    )

    def __init__(self, pattern: str, flags: int = 0) -> None:
        """Hold a pattern and its flags, as `re.compile` takes them."""
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Work out what is first needed now: the beginnings, or a compiled method."""
        if name == "_heads":
            folded = self._flags & (re.IGNORECASE | re.VERBOSE)
            heads = frozenset() if folded else beginnings(self.pattern)
            found = Heads(heads)
            self._heads = found if heads and len(found.short) < _MANY_SHORT else None
        elif name == "_compiled":
            self._compiled = re.compile(self.pattern, self._flags)
        elif name in self.__slots__:
            # Most patterns are asked for one or two of the six: each takes a hundred bytes.
            setattr(self, name, getattr(self._compiled, name))
        return object.__getattribute__(self, name)

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the first match."""
        if type(text) is Searched and end - start > _NEAR and self._heads:
            return next(self._at(_places(self._heads, text, start, end), text, start, end), None)
        return self._compiled.search(text, start, end)

    def finditer(
        self, text: str, start: int = 0, end: int = sys.maxsize
    ) -> Iterator[re.Match[str]]:
        """Return the matches in order, none within another."""
        if type(text) is Searched and end - start > _NEAR and self._heads:
            return self._at(_places(self._heads, text, start, end), text, start, end)
        return self._compiled.finditer(text, start, end)

    def each(self, text: str) -> Iterator[re.Match[str]]:
        """Return the matches from every place, also from within another."""
        places = text.places(self._heads) if type(text) is Searched and self._heads else None
        everywhere = range(len(text)) if places is None else places
        return (found for place in everywhere if (found := self.match(text, place)))

    def _at(
        self, places: Sequence[int] | None, text: str, start: int, end: int
    ) -> Iterator[re.Match[str]]:
        if places is None:
            yield from self._compiled.finditer(text, start, end)
            return
        for place in places:
            if place >= start:
                found = self.match(text, place, end)
                if found is not None:
                    yield found
                    start = found.end()


def _places(heads: Heads, text: Searched, start: int, end: int) -> Sequence[int] | None:
    if start == 0 and end >= len(text):
        return text.places(heads)
    places = text.kept_places(heads)
    return places and places[bisect_left(places, start) : bisect_left(places, end)]
