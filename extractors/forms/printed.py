"""Answers printed without marks: between strokes, or with boxes that OCR lost."""

import re
from itertools import pairwise

from extractors.forms.answers import (
    ANSWER,
    all_answers,
    both_spoiled,
    how_many,
    is_like,
    without_box,
)
from extractors.forms.groups import LABEL, Group, Option
from extractors.forms.labels import is_label

_CHOOSE = re.compile(
    r"[(\[]?\b(?:please )?(?:delete|strike out|strike through|cross out|circle|encircle|ring|tick|"
    r"underline)\b[^)\].\n]{0,30}?(?:applicable|appropriate|one|required|relevant|applies)\b[^)\]\n]"
    r"{0,12}[)\]]?",
    re.IGNORECASE,
)
_PARTS = re.compile(r"(?<![^/|:])[^/|]*(?=[/|]|$|\n)|[^/|]+")
_GAP = re.compile(r"(?<=\S)[ ]{2,}(?=\S)|\t")
_JOINT = re.compile(r"(?<!her2)(?<!her-2)\s?/|&|\band\b|,", re.IGNORECASE)


def printed(text: str, start: int, stop: int, *, scanned: bool = False) -> list[Group]:
    """Return the options of a line that has no mark at all: "Positive / Negative"."""
    match = LABEL.match(text, start, stop)
    if match is None or _JOINT.search(match["label"]):
        return []
    choose = _CHOOSE.search(text, match.end(), stop)
    end = choose.start() if choose else stop
    stroke = max(text.rfind(sign, match.end(), end) for sign in "/|")
    # What stands apart behind the last answer is another cell of the line.
    gap = _GAP.search(text, stroke + 1, end) if stroke >= 0 and not scanned else None
    end = gap.start() if gap else end
    # What a pen went over may be lost in a scan: an empty place between strokes counts there.
    parts = [part for part in _PARTS.finditer(text, match.end(), end) if scanned or part[0].strip()]
    words = [part[0].strip(" \t.,;") for part in parts]
    if len(parts) < 2:
        return []
    spoiled = scanned and is_label(match["label"]) and both_spoiled(words)
    if not (choose or spoiled or all_answers(words, scanned=scanned)):
        return []
    options = [Option(part.start(), part.end(), ticked=False) for part in parts]
    return [Group(match.span("label"), tuple(options))]


# What OCR makes of a box: a letter or two of angular shape, or any token with a bracket in it.
_LOST_BOX = r"(?:[^\W\d_]?[^\w\s]{1,2}\w{0,2}|[A-Za-z0@&-]|C[JLZI]|L[IJC]|\w?[\[\](){}|]\w?)"
_LOOSE = re.compile(
    rf"[ \t]*(?P<box>{_LOST_BOX}[ \t]+|[({{\[|©®]{{1,2}})?(?P<words>[^\s:].{{2,60}})"
)
_BETWEEN = re.compile(rf"{_LOST_BOX}|\(?\d\+\)?|\([^()]{{1,12}}\)")
_STRAY = " \t.,;:'\"|~_-"
_NUMBERED = re.compile(r"(?:grade|score|stage|g)\s?\(?[0-4I]{1,3}[+)]?[.,]?", re.IGNORECASE)


def loose_answer(text: str, start: int, stop: int) -> Option | None:
    """Return a scanned line that is an answer alone, whose box may be lost; None if it is none."""
    match = _LOOSE.fullmatch(text, start, stop)
    if match is None or ":" in match["words"]:
        return None
    words = without_box(match["words"]).strip(_STRAY)
    answer = ANSWER.match(words) or _NUMBERED.fullmatch(words)
    if answer is None and not (match["box"] and is_like(words)):
        return None
    return Option(match.start("words"), match.end("words"), ticked=False, unclear=True)


def loose_first(text: str, start: int, stop: int) -> tuple[tuple[int, int], Option] | None:
    """Return the label of a scanned line and the one answer behind it, whose box may be lost."""
    match = LABEL.match(text, start, stop)
    option = loose_answer(text, match.end(), stop) if match else None
    return (match.span("label"), option) if match and option else None


def loose_row(text: str, start: int, stop: int) -> list[Group]:
    """Return the answers of a scanned line that stand side by side with nothing between them."""
    match = LABEL.match(text, start, stop)
    if match is None:
        return []
    answers: list[int] = []
    for token in re.finditer(r"\S+", text[match.end() : stop]):
        word = token[0].strip(_STRAY)
        if ANSWER.match(word) or is_like(word):
            answers.append(match.end() + token.start())
        elif word and word.lower() != "not" and not _BETWEEN.fullmatch(token[0]):
            return []
    options = [
        Option(left, right, ticked=False, unclear=True)
        for left, right in pairwise([*answers, stop])
    ]
    return [Group(match.span("label"), tuple(options))] if len(options) > 1 else []


# A stroke through a word, as OCR reads its ends: "-Negative-", "Grade 2-".
_STRUCK = re.compile(r"(?<![\w-])-(?=[A-Za-z])|(?<=[A-Za-z)+])-(?=[ \t/|]|[^\w\s]*$)")
_GRADES = re.compile(r"\W*(?:gr?[a-z]{2,3}e\s?\w?\W+){1,3}gr[a-z]{2,3}\s?\w?\W*", re.IGNORECASE)
_GRADE = re.compile(r"\bgr?[a-z]{1,2}[do]e\s?\w?", re.IGNORECASE)


def struck_row(text: str, start: int, stop: int) -> list[Group]:
    """Return the answers of a scanned line of which a pen struck some, all of them unclear."""
    match = LABEL.match(text, start, stop)
    rest = text[match.end() : stop] if match else ""
    grades = _GRADES.fullmatch(rest) is not None
    if match is None or not (grades or _STRUCK.search(text, match.end(), stop)):
        return []
    parts = [
        one for one in re.split(r"[/|]|\s{2,}|(?<=\w)-\s|\s-(?=\w)", rest) if one.strip(_STRAY)
    ]
    like = sum(
        bool(ANSWER.search(one) or _GRADE.search(one) or is_like(one.strip(_STRAY)))
        for one in parts
    )
    if not grades and max(like, how_many(rest)) < 2:
        return []
    return [Group(match.span("label"), (Option(match.end(), stop, ticked=False, unclear=True),))]
