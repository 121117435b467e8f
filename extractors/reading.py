"""The working text of one document: all pages as one string with the way back to each page."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

from extractors.chronology import dated_lines
from extractors.forms.groups import Group, OpenGroup
from extractors.forms.stated import state
from extractors.searched import Searched
from extractors.sections import Section, find_sections
from extractors.specimens import Specimen, find_specimens
from extractors.types import Page

_PAGE_BREAK = "\n\n"

# One character for one character, so that every offset stays true.
_PLAIN = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\u00a0": " ",
        "\u2264": "<",
        "\u2265": ">",
        "\u2022": "-",
        "à": "a",
        "á": "a",
        "é": "e",
        "í": "i",
        "ó": "o",
        "ö": "o",
        "ü": "u",
        "\t": " ",
        "\r": " ",
        "*": " ",
        "\f": "\n",
    }
)
# "4*3.5*1.2cm": a star between two numbers multiplies; elsewhere it only marks.
_TIMES = re.compile(r"(?<=\d)\*(?=\d)|(?<=\d\s)\*(?=\s?\d)|(?<=[cm]m)\*(?=\d)")
# Ruled lines and what OCR makes of bar codes and forms: not text, and slow to match.
_RULE = re.compile(r"([^\w\s]|[il1])\1{3,}")
_STOP = re.compile(r"[.](?=\s)")
_OPEN_ENDED = re.compile(
    r"(?:[,;:/(&-]|\b(?:of|the|and|with|an|in|for|to|from|is|are|by|or|at|as|on|which|that|was|"
    r"were|be|has|have|into|within|per))\s?$",
    re.IGNORECASE,
)
_NEXT_IS_LABEL = re.compile(
    r"\s*(?:\(?[A-Za-z0-9]{1,2}[.)]\s|[-#•]|[A-Z][\w/ ()&-]{2,40}:|"
    r"(?:PART|SPECIMEN|NOTE|COMMENT|ADDENDUM|GROSS|MICROSCOPIC)\b)"
)
_BULLET = re.compile(
    r"\n\s*(?:[-#>]|\(?[A-Za-z0-9]{1,2}[.)](?=\s|[A-Z]))|\n\s*\n|"
    r"\n[ ]*(?=[A-Za-z][\w /()&-]{2,48}:)"
)
# Words that open a sentence; after one that calls for more, the stop before them is stray.
_OPENS = re.compile(
    r"\s{1,2}(?:THE|THERE|ALL|NO|OTHER|INVASIVE|DISTANCE|DCIS|TUMOU?R|MARGINS?|R[012])\b"
)
_CALLS_FOR_MORE = re.compile(r"\b(?:OF|TO|BY|AT|IN|THE|FOR|AND|ANY|FROM)$")
_UNIT = re.compile(r"\d\s?(?:[ce]m|mm)$", re.IGNORECASE)
_LINE_WIDTH = (55, 125)
QUOTE_LIMIT = 240
CLAUSE_LIMIT = 800
_WORD_LIMIT = 40
_LINE_END = re.compile(r"\n[ \n]*(?P<word>\S+)")
_DENIAL_AT_END = re.compile(r"\b(?:no|not|non|without|negative|free|never|nor)\s?$", re.IGNORECASE)
_OPENING = "([<>"
"""Signs that a clause may begin with; dashes and bullets before it are none of its words."""


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen `start:end` to the ends of the words it cuts; a word of `_WORD_LIMIT` stays cut."""
    first, last = start, end
    while 0 < first < len(text) and text[first].isalnum() and text[first - 1].isalnum():
        first -= 1
    while 0 < last < len(text) and text[last].isalnum() and text[last - 1].isalnum():
        last += 1
    return (
        first if start - first < _WORD_LIMIT else start,
        last if last - end < _WORD_LIMIT else end,
    )


def _lower(text: str) -> str:
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


class Reading:
    """A document's text in two parallel forms, `text` (as read) and `low` (for patterns).

    Answers of a form that were not given are in neither (`extractors.forms`); `place` knows the way
    back to the page. Both have the same length, so that a span found in one is a span of the other.
    `low` is lower case, with typographic characters replaced and the full stops blanked that some
    sources put at every line's end.
    """

    def __init__(self, pages: Sequence[Page]) -> None:
        """Join `pages`, which are in reading order."""
        self.pages = tuple(pages)
        # What a field worked out of this text once; it goes when the text goes.
        self.kept: dict[str, object] = {}
        self.starts: list[int] = []
        parts: list[str] = []
        length = 0
        self._stated = [
            state(page.text, page.words, scanned=page.method == "ocr") for page in self.pages
        ]
        for stated in self._stated:
            self.starts.append(length)
            parts.append(stated.text + _PAGE_BREAK)
            length += len(stated.text) + len(_PAGE_BREAK)
        self.text = "".join(parts)
        lines = sum(page.text.count("\n") for page in self.pages)
        self.flat = lines * 300 < len(self.text)
        plain = _TIMES.sub("x", self.text).translate(_PLAIN)
        self.clean = self._without_stray_stops(plain)
        self.low = Searched(_RULE.sub(lambda m: " " * len(m[0]), _lower(self.clean)))

    @staticmethod
    def _without_stray_stops(plain: str) -> str:
        """Blank the full stops that end a line of the lost layout, not a sentence."""
        characters = list(plain)
        previous = 0
        for stop in _STOP.finditer(plain):
            at = stop.start()
            before = plain[max(0, at - 12) : at]
            after = plain[at + 1 : at + 50]
            following = after.lstrip()[:1]
            width = at - previous
            previous = at
            # Where lines are kept, a stop at a line's end is the sentence's, save a unit's.
            kept = "\n" in after[: len(after) - len(after.lstrip())] and not _UNIT.search(before)
            continues = (following.islower() and not kept) or following in {"(", "/", ","}
            full_line_of_capitals = (
                _LINE_WIDTH[0] <= width <= _LINE_WIDTH[1]
                and before.isupper()
                and not _NEXT_IS_LABEL.match(after)
                and after.strip()[:12].isupper()
                and not (_OPENS.match(after) and not _CALLS_FOR_MORE.search(before))
            )
            opened = plain.rfind("(", max(0, at - 25), at) > plain.rfind(")", max(0, at - 25), at)
            in_brackets = opened and ")" in plain[at : at + 25]
            if continues or full_line_of_capitals or in_brackets or _OPEN_ENDED.search(before):
                characters[at] = " "
        return "".join(characters)

    def place(self, start: int, end: int) -> tuple[Page, int, int]:
        """Return the page that holds `start` and the span within its text, in whole words.

        The span is cut at the page's end and, at a word's end, after `QUOTE_LIMIT` characters.
        """
        index = self._page_index(start)
        page = self.pages[index]
        stated, offset = self._stated[index], self.starts[index]
        # The last character, not the one behind it: what was cut out there is not quoted.
        until = min(end - offset, len(stated.text))
        first, last = whole_words(page.text, *stated.span(start - offset, until))
        if last - first > QUOTE_LIMIT:
            last = first + QUOTE_LIMIT
            space = page.text.rfind(" ", first + QUOTE_LIMIT // 2, last)
            last = space if space > 0 else last
        return page, first, last

    def quote(self, start: int, end: int) -> tuple[Page, int, int]:
        """Return the page and the whole clause in its text that a span is read from.

        A clause longer than `QUOTE_LIMIT` gives the words around the span. No quote crosses a
        page, a heading, a blank line or the row of a table.
        """
        left, right = self.clause(start, end)
        left = max(left, self.section_at(start).start, self.starts[self._page_index(start)])
        if right - left > QUOTE_LIMIT:
            left = max(left, start - max(0, QUOTE_LIMIT - (end - start)) // 2)
            right = min(right, max(end, left + QUOTE_LIMIT))
        breaks = [
            at.start() for at in _LINE_END.finditer(self.low, left, right) if self._row_ends(at)
        ]
        left = max([left, *(at + 1 for at in breaks if at < start)])
        right = min([right, *(at for at in breaks if at >= end)])
        while left < end and not self.low[left].isalnum() and self.low[left] not in _OPENING:
            left += 1
        while (
            right > end and not self.low[right - 1].isalnum() and self.low[right - 1] not in "%)]+"
        ):
            right -= 1
        return self.place(left, right)

    def told_line(self, start: int, end: int) -> tuple[int, int]:
        """Return the lines of one statement around a span: its clause, up to lines ended early."""
        left, right = self.clause(start, end)
        ends = [
            at.start() for at in _LINE_END.finditer(self.low, left, right) if self._row_ends(at)
        ]
        left = max([left, *(at + 1 for at in ends if at < start)])
        return left, min([right, *(at for at in ends if at >= end)])

    def _row_ends(self, line_end: re.Match[str]) -> bool:
        """Say whether a line was ended on purpose: the next word would have had room on it."""
        at, word = line_end.start(), line_end["word"]
        before = self.clean[self.low.rfind("\n", 0, at) + 1 : at].rstrip()
        first = self.clean[line_end.start("word") : line_end.end("word")][:1]
        if first.islower() or _OPEN_ENDED.search(before) or _DENIAL_AT_END.search(before):
            return False
        return len(before) + 1 + len(word) <= self._line_width

    @cached_property
    def _line_width(self) -> int:
        """The characters of a full line: what all but the longest twentieth keep within."""
        lengths = sorted(len(line.strip()) for line in self.low.split("\n") if line.strip())
        return lengths[int(len(lengths) * 0.95)] if lengths else 0

    def _page_index(self, position: int) -> int:
        return max(0, bisect_right(self.starts, position) - 1)

    @property
    def open_groups(self) -> Sequence[tuple[Page, OpenGroup]]:
        """Options that the page does not settle, with the page they stand on."""
        return [
            (page, group)
            for page, stated in zip(self.pages, self._stated, strict=True)
            for group in stated.open
        ]

    @property
    def scanned_choices(self) -> Sequence[tuple[Page, Group]]:
        """Options of scanned pages that the page settles, with the page they stand on."""
        return [
            (page, group)
            for page, stated in zip(self.pages, self._stated, strict=True)
            for group in stated.settled
            if page.method == "ocr"
        ]

    def printed(self, page: Page, start: int, end: int) -> str:
        """Return what is printed where the text of a page of `open_groups` has `start:end`."""
        return page.text[start:end]

    def line(self, start: int, end: int) -> tuple[int, int]:
        """Return the bounds of the printed line, or lines, that a span lies on."""
        right = self.low.find("\n", end)
        return self.low.rfind("\n", 0, start) + 1, len(self.low) if right < 0 else right

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The document's sections in order; together they cover the whole text."""
        return find_sections(self.clean)

    @cached_property
    def specimens(self) -> tuple[Specimen, ...]:
        """The labelled specimens in order of their headings."""
        return find_specimens(self.clean)

    @cached_property
    def _breaks(self) -> list[int]:
        stops = {m.start() for m in re.finditer(r"[.;](?=\s|$)", self.low)}
        stops |= {m.start() for m in _BULLET.finditer(self.low)}
        stops |= {m.start() - 1 for m in dated_lines(self.low) if m.start()}
        return sorted(stops)

    def section_at(self, position: int) -> Section:
        """Return the section that `position` lies in."""
        index = bisect_right(self._section_starts, position) - 1
        return self.sections[max(0, index)]

    @cached_property
    def _section_starts(self) -> list[int]:
        return [section.start for section in self.sections]

    def specimen_at(self, position: int) -> Specimen | None:
        """Return the specimen whose heading came last before `position` in the same section."""
        index = bisect_right([s.start for s in self.specimens], position) - 1
        if index < 0:
            return None
        specimen = self.specimens[index]
        return specimen if specimen.start >= self.section_at(position).start else None

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """Return the bounds of the clause around a span: sentence ends, bullets, blank lines.

        Where a scan lost all of them, a clause ends `CLAUSE_LIMIT` characters away.
        """
        index = bisect_right(self._breaks, start)
        left = self._breaks[index - 1] + 1 if index else 0
        index = bisect_right(self._breaks, end - 1)
        right = self._breaks[index] if index < len(self._breaks) else len(self.low)
        return max(left, start - CLAUSE_LIMIT), max(min(right, end + CLAUSE_LIMIT), end)
