"""A page told in English, word by word, with the way back to what is printed."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.languages.glossary import SAME, Glossary
from extractors.types import Page, Word

DOUBT = "\u2047"
"""Stands in a rendering where the words are known and what they say is not certain."""

_Piece = tuple[str, int, int, bool]
"""English, the span of the text that it stands for, and whether both run letter by letter."""
# Letters, with a hyphen that a line's end put into a word; or a code, as it is printed.
_TOKEN = re.compile(
    r"(?P<code>[^\W_]*\d[^\W_]*)|(?P<word>[^\W\d_]+(?:(?<=[a-zäöüß]{2})[-\u00ad]\n[ \t]*"
    r"(?!(?:und|oder|bzw|sowie)\b)(?=[a-zäöüß]{2})[^\W\d_]+)?)"
)
_BETWEEN = re.compile(r"(?:[ \t]+|[ \t]*\n[ \t]*|-|\.[ \t]?)")
_JOINED = re.compile(r"[^\W\d_]|[ \n,]")
# "LVI-, PNI-.": the hyphens are signs, as the last one shows that nothing goes on behind it.
_SIGNS = re.compile(
    r"-,?[ \t]?(?:[A-Z][\w/]{1,8}[+-],?[ \t]?){0,6}[A-Z][\w/]{1,8}[+-](?=[ \t]*(?:[.;)\n]|$))"
)
_COMMA = re.compile(r"(?<=\d),(?=\d)")
# The first word of a line or sentence keeps its capital: labels and headings are told by it.
_OPENS = re.compile(r"(?:^|[\n.;:)])[ \t\"'(*•-]*$")
_LINE_OPENS = re.compile(r"(?:^|\n)[ \t*#=_-]*$")
_HEADING_ENDS = re.compile(r"[ \t*=_-]*(?::|\n|$)")
_ABBREVIATION = re.compile(r"\.(?=[ \t]*(?P<more>[a-zäöü0-9(:,/-])|[ \t]*[A-ZÄÖÜ])")


@dataclass(frozen=True, slots=True)
class Rendered:
    """English for a text: its pieces, where each begins, what of the text it stands for.

    `unknown` are spans of `text` that a clause must not have if it is to state anything.
    """

    text: str
    starts: tuple[int, ...]
    spans: tuple[tuple[int, int, bool], ...]
    unknown: tuple[tuple[int, int], ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the printed text that holds all of `text[start:end]`."""
        if not self.spans:
            return 0, 0
        first = max(0, bisect_right(self.starts, start) - 1)
        last = max(first, bisect_right(self.starts, max(start, end - 1)) - 1)
        begins, ends = [], []
        for index in range(first, last + 1):
            begin, until, exact = self.spans[index]
            at = self.starts[index]
            begins.append(min(until, begin + max(0, start - at)) if exact else begin)
            ends.append(min(until, begin + max(0, end - at)) if exact else until)
        return min(begins), max(ends)


def touches(spans: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Say whether one of `spans`, which are in order and apart, has a part of `start:end`."""
    index = bisect_right(spans, start, key=lambda span: span[1])
    return index < len(spans) and spans[index][0] < end


def render(text: str, glossary: Glossary) -> Rendered:
    """Return `text` in English: each word by the glossary, then by its rules into order."""
    told = _joined(_words(text, glossary))
    for pattern, english in glossary.rules:
        if pattern.search(told.text):
            told = _reordered(told, pattern, english)
    doubts = [(match.start(), match.end()) for match in re.finditer(DOUBT, told.text)]
    return replace(told, unknown=tuple(sorted([*told.unknown, *doubts])))


def render_page(page: Page, rendered: Rendered) -> Page:
    """Return a page with the English text, its words in the places of the printed ones."""
    words = tuple(_placed(page, rendered)) if page.words else ()
    return replace(page, text=rendered.text, words=words)


def _placed(page: Page, rendered: Rendered) -> Iterator[Word]:
    for match in re.finditer(r"\S+", rendered.text):
        box = page.box_of(*rendered.span(match.start(), match.end()))
        if box is not None:
            yield Word(match[0], box, match.start(), match.end())


_UNKNOWN = "\u0000"


def _joined(pieces: Iterator[_Piece]) -> Rendered:
    parts: list[str] = []
    starts: list[int] = []
    spans: list[tuple[int, int, bool]] = []
    unknown: list[tuple[int, int]] = []
    length = 0
    for english, start, end, exact in pieces:
        if english.startswith(_UNKNOWN):
            english = english[1:]
            unknown.append((length, length + len(english)))
        if not english:
            continue
        starts.append(length)
        spans.append((start, end, exact))
        parts.append(english)
        length += len(english)
    return Rendered("".join(parts), tuple(starts), tuple(spans), tuple(unknown))


def _words(text: str, glossary: Glossary) -> Iterator[_Piece]:
    tokens = list(_TOKEN.finditer(text))
    at, index, capital = 0, 0, False
    while index < len(tokens):
        token = tokens[index]
        between = text[at : token.start()].strip()
        yield from _plain(text, at, token.start())
        if token["code"]:
            yield token[0], token.start(), token.end(), True
            at, index = token.end(), index + 1
            if text[at : at + 1] == "-" and text[at + 1 : at + 2].isalpha():
                yield " ", at, at + 1, True
                at += 1
            continue
        said, used = _heading(text, tokens, index, glossary)
        if said is None:
            said, used = _phrase(text, tokens, index, glossary)
        end = tokens[index + used - 1].end()
        english = said if said is not None else glossary.english(_whole(token[0]))
        if english == SAME:
            whole = _whole(token[0])
            english = whole if whole in glossary.codes else whole.lower()
        if english is None:
            yield _UNKNOWN * (len(token[0]) > 1) + token[0], token.start(), end, True
        else:
            # A word that English leaves out gives its capital to the next.
            capital = _opens(text, token.start(), token[0]) or (capital and not between)
            yield _cased(english, token[0], capital), token.start(), end, False
            capital = capital and not english
            stop = _ABBREVIATION.match(text, end)
            if stop and (
                (said is not None and used > 1 and _is_letter(tokens[index + used - 1][0]))
                or (token[0].lower() in _SHORT and (stop["more"] or token[0].lower() in _WITHIN))
            ):
                end = stop.end()
        at, index = end, index + used
        # Parts of one word, and a first half before "und": English writes a space.
        signs = token[0].isupper() and _SIGNS.match(text, at)
        if text[at : at + 1] == "-" and _JOINED.match(text, at + 1) and not signs:
            yield " ", at, at + 1, True
            at += 1
    yield from _plain(text, at, len(text))


def _plain(text: str, start: int, end: int) -> Iterator[_Piece]:
    """Yield what stands between words, a decimal comma as a point."""
    if start < end:
        between = text[start:end]
        if between == "," and _COMMA.match(text, start):
            between = "."
        yield between, start, end, True


# Abbreviations whose stop ends no sentence, and those whose stop does before a capital.
_NEVER_ENDS = """
ca max min inkl exkl bzw ggf evtl re li lat med ant post geb dr prof vgl entspr resp axill prim
invas dukt lobul kran kaud mind maxim histol klin
"""
_WITHIN = frozenset(_NEVER_ENDS.split())
_SHORT = _WITHIN | {"neg", "pos", "insg", "usw", "bds", "diff", "mikr", "makr", "path", "tel", "nr"}


def _is_letter(word: str) -> bool:
    return len(word) <= 2


def _heading(
    text: str, tokens: Sequence[re.Match[str]], index: int, glossary: Glossary
) -> tuple[str | None, int]:
    """Return the English of a heading that begins here, and how many words it has."""
    start = tokens[index].start()
    if not _LINE_OPENS.search(text, max(0, start - 12), start):
        return None, 1
    words: list[str] = []
    for token in tokens[index : index + 5]:
        words.append(token[0])
        if _HEADING_ENDS.match(text, token.end()):
            said = glossary.heading(words)
            return (None, 1) if said is None else (said[:1].upper() + said[1:], len(words))
        if text[token.end() : token.end() + 1] not in {" ", "-", "/"}:
            break
    return None, 1


def _phrase(
    text: str, tokens: Sequence[re.Match[str]], index: int, glossary: Glossary
) -> tuple[str | None, int]:
    """Return the English of the longest phrase that begins here and how many words it has."""
    words = [_whole(tokens[index][0])]
    found: tuple[str | None, int] = (None, 1)
    for other in range(index + 1, min(len(tokens), index + glossary.longest)):
        between = text[tokens[other - 1].end() : tokens[other].start()]
        if not _BETWEEN.fullmatch(between):
            break
        words.append(_whole(tokens[other][0]))
        said = glossary.phrase(words)
        if said is not None:
            found = said, len(words)
    return found


def _whole(word: str) -> str:
    """Return a word without the hyphen that a line's end put into it."""
    return re.sub(r"[-\u00ad]\n[ \t]*", "", word)


def _opens(text: str, start: int, word: str) -> bool:
    """Say whether a word with a capital opens a line or a sentence."""
    return word[:1].isupper() and _OPENS.search(text, max(0, start - 12), start) is not None


def _cased(english: str, word: str, capital: bool) -> str:
    if word.isupper() and len(word) > 3:
        return english.upper()
    return english[:1].upper() + english[1:] if capital else english


def _reordered(told: Rendered, pattern: re.Pattern[str], english: str) -> Rendered:
    """Return `told` with what a rule stands for; each match keeps the whole of what it covers."""

    def pieces() -> Iterator[_Piece]:
        at = 0
        for match in pattern.finditer(told.text):
            if match.start() < at or match.start() == match.end():
                continue
            yield from between(at, match.start())
            said = match.expand(english)
            if match[0][:1].isupper():
                said = said[:1].upper() + said[1:]
            # A word that nobody knows stays so, whatever rule moves it.
            if touches(told.unknown, match.start(), match.end()):
                said += f" {DOUBT}"
            yield (said, *told.span(match.start(), match.end()), False)
            at = match.end()
        yield from between(at, len(told.text))

    def between(start: int, end: int) -> Iterator[_Piece]:
        index = max(0, bisect_right(told.starts, start) - 1)
        while start < end:
            begin, until, exact = told.spans[index]
            first = told.starts[index]
            last = told.starts[index + 1] if index + 1 < len(told.starts) else len(told.text)
            stop = min(last, end)
            mark = _UNKNOWN if touches(told.unknown, start, stop) else ""
            if exact:
                yield (
                    mark + told.text[start:stop],
                    begin + start - first,
                    begin + stop - first,
                    True,
                )
            else:
                yield mark + told.text[start:stop], begin, until, False
            start, index = stop, index + 1

    return _joined(pieces())


__all__ = ["DOUBT", "Rendered", "render", "render_page", "touches"]
