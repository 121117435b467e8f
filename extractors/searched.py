"""A text that many patterns are searched in, and the patterns that use what it knows of itself."""

import re
import sys
from collections.abc import Iterator
from functools import cached_property

from extractors.beginnings import beginnings, symbol

_WIDTH = 3
_MANY = 12


class _Letters(dict[int, str]):
    """`symbol` as a table for `str.translate`, filled as characters come."""

    def __missing__(self, code: int) -> str:
        found = self[code] = symbol(chr(code))
        return found


_TABLE = _Letters()


class Searched(str):
    """A text that knows where the beginnings of matches stand in it; a part of it is plain text."""

    @cached_property
    def _symbols(self) -> str:
        return self.translate(_TABLE) + "\x00" * _WIDTH

    @cached_property
    def _seen(self) -> frozenset[str]:
        text = self._symbols
        return frozenset(map("".join, zip(text, text[1:], text[2:], strict=False)))

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        return {}

    def places(self, heads: frozenset[str]) -> list[int] | None:
        """Return in order where the text has one of `heads`; None when that is about everywhere."""
        seen, text = self._seen, self._symbols
        there = [head for head in heads if (head in seen if len(head) == _WIDTH else head in text)]
        if len(there) == 1:
            return self._places_of(there[0])
        found: list[int] = []
        most = len(text) // _MANY
        for head in there:
            found += self._places_of(head)
            if len(found) > most:
                return None
        return sorted(found)

    def _places_of(self, head: str) -> list[int]:
        held = self._places.get(head)
        if held is None:
            held = self._places[head] = []
            find = self._symbols.find
            at = find(head)
            while at >= 0:
                held.append(at)
                at = find(head, at + 1)
        return held


class Pattern:
    """A compiled pattern that searches a `Searched` text only where a match can begin."""

    __slots__ = (
        "_finditer",
        "_heads",
        "_search",
        "findall",
        "fullmatch",
        "match",
        "pattern",
        "split",
        "sub",
        "subn",
    )

    def __init__(self, compiled: re.Pattern[str]) -> None:
        """Take over what `re` compiled; all its methods mean what they mean there."""
        self.pattern = compiled.pattern
        flags = compiled.flags & (re.IGNORECASE | re.VERBOSE)
        self._heads = frozenset() if flags else beginnings(compiled.pattern)
        self._search, self._finditer = compiled.search, compiled.finditer
        self.match, self.fullmatch = compiled.match, compiled.fullmatch
        self.findall, self.split = compiled.findall, compiled.split
        self.sub, self.subn = compiled.sub, compiled.subn

    def search(self, text: str, start: int = 0, end: int = sys.maxsize) -> re.Match[str] | None:
        """Return the first match, as `re` does."""
        if type(text) is Searched and self._heads:
            return next(self.finditer(text, start, end), None)
        return self._search(text, start, end)

    def finditer(
        self, text: str, start: int = 0, end: int = sys.maxsize
    ) -> Iterator[re.Match[str]]:
        """Return the matches in order, as `re` does."""
        if type(text) is Searched and self._heads:
            places = text.places(self._heads)
            if places is not None:
                return self._at(places, text, start, end)
        return self._finditer(text, start, end)

    def _at(self, places: list[int], text: str, start: int, end: int) -> Iterator[re.Match[str]]:
        match = self.match
        for place in places:
            if place >= start:
                found = match(text, place, end)
                if found is not None:
                    yield found
                    start = found.end()
