"""Biomarkers: ER, PR, HER2 by immunohistochemistry and in situ hybridisation, Ki-67.

To add a marker, add a row to `MARKERS` in `marker_words.py` and say here how its values read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.candidates import Candidate
from extractors.context import is_family, is_pending
from extractors.fields import marker_words as words
from extractors.patterns import decimal_of
from extractors.reading import Reading
from extractors.types import Value


@dataclass(frozen=True, slots=True)
class _Mention:
    marker: str
    start: int
    end: int


def _mentions(reading: Reading) -> list[_Mention]:
    found = []
    for match in words.MARKER.finditer(reading.low):
        key = next(k for k, v in match.groupdict().items() if v is not None)
        marker, kind = key.rsplit("_", 1)
        if kind == "caps" and not reading.clean[match.start() : match.end()].isupper():
            continue
        found.append(_Mention(marker, match.start(), match.end()))
    return found


def _groups(reading: Reading) -> Iterator[tuple[list[_Mention], int]]:
    """Yield runs of coordinated markers ("ER, PR and HER2") and where the next run starts."""
    mentions = _mentions(reading)
    index = 0
    while index < len(mentions):
        group = [mentions[index]]
        while index + 1 < len(mentions) and _joins(
            reading.low[mentions[index].end : mentions[index + 1].start]
        ):
            index += 1
            group.append(mentions[index])
        index += 1
        following = mentions[index].start if index < len(mentions) else len(reading.low)
        yield group, following


def _joins(between: str) -> bool:
    """Say whether two markers are named in one breath; on two lines only by a word that joins."""
    if words.JOINT.match(between) is None:
        return False
    return "\n" not in between or words.JOINER.search(between) is not None


def _status_of(match: re.Match[str]) -> str:
    return words.KEYS[next(key for key, value in match.groupdict().items() if value is not None)]


def _percent(window: str) -> tuple[Value, re.Match[str]] | None:
    """Return the percentage of stained cells; `0 - 40%; 1+ 30%` leaves 60."""
    unstained = words.DISTRIBUTION.match(window)
    if unstained:
        return 100 - int(unstained["none"]), unstained
    for match in words.PERCENT.finditer(window):
        first, second = decimal_of(match["a"]), match["b"]
        if first is None or first > 100 or words.SCALE.search(window, 0, match.end()):
            continue
        op = (match["op"] or "").strip()
        if second and int(second) <= 100 and int(second) > first:
            return {"ge": first, "le": float(second)}, match
        if op.startswith(("<", "less", "fewer", "under")):
            return {"lt": first}, match
        if op.startswith((">", "greater", "more", "over", "at least")):
            return {"gt": first}, match
        return (int(first) if first == int(first) else first), match
    return None


def number_of(value: Value) -> float:
    """Return a representative number of a value that may be an interval."""
    if isinstance(value, dict):
        numbers = [float(n) for n in value.values()]
        if "lt" in value:
            return max(0.0, numbers[0] - 1)
        return sum(numbers) / len(numbers)
    assert isinstance(value, int | float)
    return float(value)


def read(reading: Reading) -> Iterator[Candidate]:
    """Yield every marker result that the document states."""
    for group, following in _groups(reading):
        for candidate in _read_group(reading, group, following):
            if candidate.value != "indeterminate":
                yield candidate


@dataclass(frozen=True, slots=True)
class _Statement:
    """What is said of a run of markers: its span, the words after it and the words before it."""

    start: int
    end: int
    window: str
    before: re.Match[str] | None
    weight: float
    pending: bool
    none_before: bool


def _statement(reading: Reading, group: list[_Mention], following: int) -> _Statement:
    start, end = group[0].start, group[-1].end
    left, right = reading.clause(start, end)
    if reading.low[left:start].strip() == "for":
        left = max(0, start - 40)
    closed = reading.low.find(words.LINE_END, end)
    limit = max(right, min(end + 100, len(reading.low)))
    limit = min(limit, closed) if closed >= 0 else limit
    window = _own_lines(reading, end, min(following, limit, end + 170))
    shut = words.CLOSED.match(window)
    window = window[: shut.end()] if shut else window
    section = reading.section_at(start)
    return _Statement(
        start,
        end,
        window,
        words.BEFORE.search(_same_line(reading.low[max(left, start - 70) : start])),
        section.weight + (0.3 if section.name == "clinical" else 0),
        is_pending(reading, start, end),
        words.NONE_BEFORE.search(_same_line(reading.low[max(left, start - 30) : start]))
        is not None,
    )


def _same_line(before: str) -> str:
    """Return what stands before a marker in its own sentence: a line may end one without a stop."""
    at = before.rfind("\n")
    while at >= 0:
        if not words.GOES_ON.search(before[:at]):
            return before[at + 1 :]
        at = before.rfind("\n", 0, at)
    return before


def _own_lines(reading: Reading, start: int, end: int) -> str:
    """Return what follows a marker, up to the line that begins something else.

    A value may stand on the line below its label; below a value begins another sentence.
    """
    for line in words.NEXT_LINE.finditer(reading.clean, start, end):
        written = reading.low[start : line.start()]
        said = written.strip(" \n:.,;=-")
        if line["label"] or (said and not words.GOES_ON.search(written)):
            return reading.low[start : line.start()]
    return reading.low[start:end]


def _read_group(reading: Reading, group: list[_Mention], following: int) -> Iterator[Candidate]:
    said = _statement(reading, group, following)
    if is_family(reading, said.start, said.end) or words.CONTROL.match(said.window):
        return
    slashed = words.SLASHED.match(said.window)
    if slashed and len(group) > 1:
        for mention, value in zip(group, (v for v in slashed.groups() if v), strict=False):
            word = "positive" if value.startswith(("+", "p")) else "negative"
            end = said.end + slashed.end()
            yield Candidate(f"{mention.marker}_status", word, said.start, end, said.weight + 1)
        return
    if len(group) > 1 and words.RESPECTIVELY.search(said.window):
        yield from _respectively(group, said)
        return
    for mention in group:
        if mention.marker in {"er", "pr"}:
            yield from _hormone(mention.marker, said)
        elif mention.marker == "her2":
            yield from _her2(reading, said)
        elif mention.marker == "ish":
            yield from _ish(reading, said)
        elif mention.marker == "ki67" and not said.pending:
            found = _percent(said.window)
            if found:
                end = said.end + found[1].end()
                yield Candidate("ki67", found[0], said.start, end, said.weight, unit="percent")


def _respectively(group: list[_Mention], said: _Statement) -> Iterator[Candidate]:
    """Yield one value for each marker, in their order; nothing where the numbers do not match."""
    stop = words.RESPECTIVELY.search(said.window)
    assert stop is not None
    found = list(words.EACH.finditer(said.window, 0, stop.start()))
    if len(found) != len(group):
        return
    end = said.end + stop.end()
    for mention, match in zip(group, found, strict=True):
        if mention.marker not in {"er", "pr"}:
            continue
        if match["n"] is None:
            word = "positive" if match["pos"] else "negative"
        else:
            number = int(match["n"])
            below = (match["op"] or "").startswith(("<", "less", "fewer", "under"))
            word = "negative" if number < 1 or (below and number <= 1) else "positive"
            value: Value = {"lt": float(number)} if below else number
            yield Candidate(
                f"{mention.marker}_percent", value, said.start, end, said.weight, unit="percent"
            )
        yield Candidate(f"{mention.marker}_status", word, said.start, end, said.weight, 0.9)


def _status_in(
    said: _Statement, percent: tuple[Value, re.Match[str]] | None
) -> tuple[str, int, int] | None:
    """Return the status that the words around a marker state, with its span."""
    sign = words.SIGN.match(said.window)
    status = words.STATUS.search(said.window)
    direct = sign is not None or (status is not None and status.start() < 12)
    if said.none_before and not (status and words.OUTRIGHT.match(status[0])) and sign is None:
        return "negative", said.start, said.end + (status.end() if status else 0)
    if said.before and not direct:
        return _status_of(said.before), said.start - len(said.before[0].lstrip()), said.end
    if sign:
        return _status_of(sign), said.start, said.end + sign.end()
    none_stained = percent is not None and number_of(percent[0]) < 1
    if status and not (none_stained and percent and percent[1].start() < status.start()):
        return _status_of(status), said.start, said.end + status.end()
    if percent:
        word = "negative" if none_stained else "positive"
        return word, said.start, said.end + percent[1].end()
    return None


def _hormone(name: str, said: _Statement) -> Iterator[Candidate]:
    percent = _percent(said.window)
    stated = _status_in(said, percent)
    allred = words.ALLRED.search(said.window)
    if allred:
        score = int(allred["a"] or allred["b"] or allred["c"])
        end = said.end + allred.end()
        yield Candidate(f"{name}_allred", score, said.start, end, said.weight)
        if stated is None:
            word = "positive" if score >= words.ALLRED_POSITIVE else "negative"
            yield Candidate(f"{name}_status", word, said.start, end, said.weight, 0.8)
    if stated is None:
        return
    status = words.STATUS.search(said.window)
    if said.pending and not percent and not (status and status.start() < 25):
        return
    yield Candidate(f"{name}_status", *stated, said.weight, 0.93)
    for other in words.ELSEWHERE.finditer(said.window):
        word, end = _status_of(other), said.end + other.end()
        if word != stated[0] and end > stated[2]:
            yield Candidate(f"{name}_status", word, said.start, end, said.weight, 0.93)
    if percent:
        end = said.end + percent[1].end()
        yield Candidate(f"{name}_percent", percent[0], said.start, end, said.weight, unit="percent")


def _ratio(match: re.Match[str]) -> Value:
    """Return the ratio of HER2 to CEP17; "< 1.8" is an interval, not 1.8."""
    number, op = float(match["a"]), match["op"] or ""
    if not op:
        return number
    return {("l" if op[0] == "<" else "g") + ("e" if "=" in op else "t"): number}


_IHC_STATUS = {0: "negative", 1: "negative", 2: "equivocal", 3: "positive"}


def _her2(reading: Reading, said: _Statement) -> Iterator[Candidate]:
    unamplified = words.UNAMPLIFIED.search(reading.low[max(0, said.start - 50) : said.start])
    if unamplified:
        start = said.start - len(unamplified[0])
        yield Candidate("her2_ish", "negative", start, said.end, said.weight)
        return
    amplified = words.AMPLIFIED.search(said.window) if "amplif" in said.window else None
    score = words.IHC_SCORE.search(said.window)
    if amplified and amplified.lastgroup in {"pos", "neg", "neg3"}:
        end = said.end + amplified.end()
        yield Candidate("her2_ish", _status_of(amplified), said.start, end, said.weight)
        if score is None or score.start() > amplified.start():
            return
    ratio = words.RATIO.search(said.window)
    if ratio:
        end = said.end + ratio.end()
        yield Candidate("her2_ratio", _ratio(ratio), said.start, end, said.weight)
    if score and "ratio" not in said.window[: score.end()]:
        digits = next(v for v in score.groups() if v is not None)
        value, end = 0 if digits == "zero" else int(digits), said.end + score.end()
        yield Candidate("her2_score", value, said.start, end, said.weight, 0.93)
        yield Candidate("her2_ihc", _IHC_STATUS[value], said.start, end, said.weight + 0.2)
        yield from _word_beside(said, score, end)
        return
    stated = _status_in(said, None)
    status = words.STATUS.search(said.window)
    if stated and not (said.pending and not (status and status.start() < 25)):
        low, (_, start, end) = reading.low, stated
        of_genes = "amplif" in low[start:end] or words.BY_ISH.match(low, max(end, said.end))
        yield Candidate("her2_ish" if of_genes else "her2_ihc", *stated, said.weight)


def _word_beside(said: _Statement, score: re.Match[str], end: int) -> Iterator[Candidate]:
    """Yield the word that stands before a score: "negative (3+)" is a contradiction to be asked."""
    word = words.STATUS.search(said.window, 0, score.start())
    if word is not None and word.start() < 12:
        yield Candidate("her2_ihc", _status_of(word), said.start, end, said.weight + 0.2)


def _ish(reading: Reading, said: _Statement) -> Iterator[Candidate]:
    around = reading.low[max(0, said.start - 200) : said.end + 100]
    if not words.HER2_NEAR.search(around):
        return
    ratio = words.RATIO.search(said.window)
    if ratio:
        end = said.end + ratio.end()
        yield Candidate("her2_ratio", _ratio(ratio), said.start, end, said.weight)
    before = words.ISH_BEFORE.search(reading.low[max(0, said.start - 50) : said.start])
    amplified = words.AMPLIFIED.search(said.window)
    if before and not (amplified and amplified.start() < 8):
        start = said.start - len(before[0])
        yield Candidate("her2_ish", _status_of(before), start, said.end, said.weight)
    elif amplified and not said.pending:
        end = said.end + amplified.end()
        yield Candidate("her2_ish", _status_of(amplified), said.start, end, said.weight)
    elif ratio and not said.pending and not 1.8 <= float(ratio["a"]) <= 2.2:
        word = "positive" if float(ratio["a"]) > 2 else "negative"
        yield Candidate("her2_ish", word, said.start, said.end + ratio.end(), said.weight, 0.8)
