"""Hormone receptors: status, percentage, Allred (Quick) score and H-score of ER and PR."""

import re
from collections.abc import Iterator, Sequence

from extractors.candidates import Candidate
from extractors.fields import marker_words as words
from extractors.fields.marker_statement import (
    Mention,
    Statement,
    percent_of,
    stained,
    status_in,
    status_of,
)
from extractors.types import Value

IHC_STATUS = {0: "negative", 1: "negative", 2: "equivocal", 3: "positive"}
"""What a HER2 score means (ASCO/CAP 2018, J Clin Oncol 36:2105)."""
H_SCORE_OF_ONE_PERCENT = 3
"""One per cent of the cells, all stained 3+; each cell counts 1 to 3 (McCarty 1985)."""


def hormone(name: str, said: Statement) -> Iterator[Candidate]:
    """Yield what is said of ER or PR (`er`, `pr`)."""
    percent = percent_of(said.window)
    stated = status_in(said, percent) or _zero(said)
    scored = None
    for concept, score, word, end in _scores(said):
        end += said.end
        yield Candidate(f"{name}_{concept}", score, said.start, end, said.weight)
        scored = scored or (word and (word, said.start, end))
    if stated is None and scored:
        yield Candidate(f"{name}_status", *scored, said.weight, 0.8)
    if stated is None:
        return
    status = words.STATUS.search(said.window)
    if said.pending and not percent and not (status and status.start() < 25):
        return
    yield Candidate(f"{name}_status", *stated, said.weight, 0.93)
    for other in words.ELSEWHERE.finditer(said.window):
        word, end = status_of(other), said.end + other.end()
        if word != stated[0] and end > stated[2]:
            yield Candidate(f"{name}_status", word, said.start, end, said.weight, 0.93)
    if percent:
        end = said.end + percent[1].end()
        yield Candidate(f"{name}_percent", percent[0], said.start, end, said.weight, unit="percent")


def _zero(said: Statement) -> tuple[str, int, int] | None:
    """Return negative for a bare zero: of per cent, of Allred or of staining, all are none."""
    zero = None if said.loose_zero else words.ZERO.match(said.window)
    return ("negative", said.start, said.end + zero.end()) if zero else None


def _scores(said: Statement) -> Iterator[tuple[str, int, str | None, int]]:
    """Yield concept, score, the status that surely follows, and where each score ends."""
    window = said.window
    weighed = words.H_SCORE.search(window)
    if weighed is None and words.H_SCORE_OF.search(said.lead):
        weighed = words.H_SCORE_IS.match(window)
    if weighed:
        number = int(weighed["a"])
        # At least a third of the score is the percentage; positive begins at 1 % (ASCO/CAP 2020).
        word = "negative" if number == 0 else None
        word = "positive" if number >= H_SCORE_OF_ONE_PERCENT else word
        if number <= 300:
            yield "h_score", number, word, weighed.end()
    allred = words.ALLRED.search(window)
    if allred is None and words.ALLRED_OF.search(said.lead):
        allred = words.ALLRED_IS.match(window)
    if allred:
        score = int(next(value for value in allred.groups() if value is not None))
        word = "positive" if score >= words.ALLRED_POSITIVE else "negative"
        if score != 1:
            yield "allred", score, word, allred.end()


def listed(group: Sequence[Mention], said: Statement) -> Iterator[Candidate] | None:
    """Yield one value of a list for each marker; nothing where the list has another length.

    None where the words are no list of values.
    """
    found = words.LISTED.match(said.window)
    if found is None or len(group) < 2:
        return None
    values = [match[0].strip() for match in words.TOKEN.finditer(found["all"])]
    kinds = {
        _kind(value) for value, one in zip(values, group, strict=False) if one.marker != "her2"
    }
    if len(kinds) > 1 and len(values) == len(group):
        return None
    return _each(group, said, values, said.end + found.end())


def _kind(value: str) -> str:
    return (
        "percent" if value.endswith("%") or value.isdigit() else "score" if "/" in value else "word"
    )


def _each(
    group: Sequence[Mention], said: Statement, values: Sequence[str], end: int
) -> Iterator[Candidate]:
    if len(values) != len(group):
        return
    for mention, value in zip(group, values, strict=True):
        for concept, stated in _meaning(mention.marker, value):
            unit = "percent" if concept.endswith("_percent") else None
            yield Candidate(concept, stated, said.start, end, said.weight + 1, unit=unit)


def _meaning(marker: str, value: str) -> Iterator[tuple[str, Value]]:
    """Yield what one value of a list says of its marker."""
    score = re.match(r"[0-3](?=\s?\+)", value) or re.fullmatch(r"\+{2,3}", value)
    if marker == "her2":
        if score:
            number = len(value) if value.startswith("+") else int(score[0])
            yield "her2_score", number
            yield "her2_ihc", IHC_STATUS[number]
        elif value[0] in "+-pne":
            yield "her2_ihc", _word(value)
    elif marker in {"er", "pr"}:
        digits = re.match(r"\d+", value)
        if digits is None:
            yield f"{marker}_status", _word(value)
        elif _kind(value) == "score":
            yield f"{marker}_allred", int(digits[0])
            positive = int(digits[0]) >= words.ALLRED_POSITIVE
            yield f"{marker}_status", "positive" if positive else "negative"
        elif _kind(value) == "percent" and int(digits[0]) <= 100:
            yield f"{marker}_percent", int(digits[0])
            yield f"{marker}_status", stained(int(digits[0])) or "negative"


def _word(value: str) -> str:
    if value.startswith("e"):
        return "equivocal"
    return "positive" if value.startswith(("+", "p")) else "negative"


def respectively(group: list[Mention], said: Statement) -> Iterator[Candidate]:
    """Yield one value for each marker, in their order; nothing where the numbers do not match."""
    stop = words.RESPECTIVELY.search(said.window)
    assert stop is not None
    found = list(words.EACH.finditer(said.window, 0, stop.start()))
    if len(found) != len(group):
        return
    end = said.end + stop.end()
    for mention, match in zip(group, found, strict=True):
        if mention.marker in {"er", "pr"}:
            yield from _one_of_each(mention.marker, match, said, end)


def _one_of_each(name: str, match: re.Match[str], said: Statement, end: int) -> Iterator[Candidate]:
    if match["n"] is None:
        word: str | None = "positive" if match["pos"] else "negative"
    else:
        number = int(match["n"])
        below = (match["op"] or "").startswith(("<", "less", "fewer", "under"))
        value: Value = {"lt": float(number)} if below else number
        word = stained(value)
        yield Candidate(f"{name}_percent", value, said.start, end, said.weight, unit="percent")
    if word is not None:
        yield Candidate(f"{name}_status", word, said.start, end, said.weight, 0.9)
