"""Hormone receptors: status, percentage, Allred (Quick) score and H-score of ER and PR."""

import re
from collections.abc import Iterator

from extractors.candidates import Candidate
from extractors.fields import marker_words as words
from extractors.fields.marker_statement import Mention, Statement, percent_of, status_in, status_of
from extractors.types import Value

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
    zero = words.ZERO.match(said.window)
    return ("negative", said.start, said.end + zero.end()) if zero else None


def _scores(said: Statement) -> Iterator[tuple[str, int, str | None, int]]:
    """Yield concept, score, the status that surely follows, and where each score ends."""
    window = said.window
    stained = words.H_SCORE.search(window)
    if stained is None and words.H_SCORE_OF.search(said.lead):
        stained = words.H_SCORE_IS.match(window)
    if stained:
        number = int(stained["a"])
        # At least a third of the score is the percentage; positive begins at 1 % (ASCO/CAP 2020).
        word = "negative" if number == 0 else None
        word = "positive" if number >= H_SCORE_OF_ONE_PERCENT else word
        if number <= 300:
            yield "h_score", number, word, stained.end()
    allred = words.ALLRED.search(window)
    if allred:
        score = int(next(value for value in allred.groups() if value is not None))
        word = "positive" if score >= words.ALLRED_POSITIVE else "negative"
        if score != 1:
            yield "allred", score, word, allred.end()


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
        word = "positive" if match["pos"] else "negative"
    else:
        number = int(match["n"])
        below = (match["op"] or "").startswith(("<", "less", "fewer", "under"))
        word = "negative" if number < 1 or (below and number <= 1) else "positive"
        value: Value = {"lt": float(number)} if below else number
        yield Candidate(f"{name}_percent", value, said.start, end, said.weight, unit="percent")
    yield Candidate(f"{name}_status", word, said.start, end, said.weight, 0.9)
