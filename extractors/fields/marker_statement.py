"""What is said of a run of markers: the words around their names, and the values in them."""

import re
from dataclasses import dataclass

from extractors.context import is_announced
from extractors.fields import marker_words as words
from extractors.fields.marker_text import receptor_text, without_ranges
from extractors.patterns import decimal_of, rx
from extractors.reading import Reading
from extractors.types import Value


@dataclass(frozen=True, slots=True)
class Mention:
    """The name of a marker in the text, as it is written there."""

    marker: str
    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said of a run of markers: its span, the words after it and the words before it.

    `lead` are the words of its own sentence that stand before the names.
    """

    start: int
    end: int
    window: str
    before: re.Match[str] | None
    weight: float
    pending: bool
    none_before: bool
    lead: str
    loose_zero: bool


def statement_of(reading: Reading, group: list[Mention], following: int) -> Statement:
    """Return what the text says of `group`, up to the next marker at `following`."""
    text = receptor_text(reading)
    start, end = group[0].start, group[-1].end
    left, right = reading.clause(start, end)
    if text[left:start].strip() == "for":
        left = max(0, start - 40)
    limit = max(right, min(end + 100, len(text)))
    closed = text.find(words.LINE_END, end, limit + len(words.LINE_END))
    limit = min(limit, closed) if closed >= 0 else limit
    window = _own_lines(reading, end, min(following, limit, end + 170))
    dash = words.DASH_ALONE.fullmatch(window.rstrip())
    untested = dash and dash[0][0].isspace() and group[-1].marker == "ish"
    if dash and not untested and reading.text[end + dash.end() :][:1] in {".", ";"}:
        # The stop behind a lone dash makes it a sign; apart from a test's name it may be "none".
        window = dash[0] + "."
    shut = words.CLOSED.match(window)
    window = _of_marker(without_ranges(window[: shut.end()] if shut else window))
    section = reading.section_at(start)
    return Statement(
        start,
        end,
        window,
        words.BEFORE.search(_same_line(_own_lead(text, max(left, start - 70), start))),
        section.weight + (0.3 if section.name == "clinical" else 0),
        is_announced(lead_of(reading, start) + " ; " + window),
        words.NONE_BEFORE.search(_same_line(_own_lead(text, max(left, start - 30), start)))
        is not None,
        _same_line(text[max(left, start - 60) : start]),
        words.LOOSE_ZERO.match(text, end) is not None,
    )


def lead_of(reading: Reading, start: int) -> str:
    """Return the words of a clause that bear on a marker at `start` from before it.

    Those before the first marker of the clause bear on all; what is said of the marker before
    this one, up to a comma, is its own.
    """
    text = receptor_text(reading)
    left, _ = reading.clause(start, start + 1)
    left = max(left, start - 110, text.rfind("\n\n", left, start))
    first = words.MARKER.search(text, left, start)
    if first is None:
        return _same_line(text[left:start])
    return _same_line(text[left : first.start()] + _own_lead(text, left, start))


def _own_lead(text: str, left: int, start: int) -> str:
    """Return the words before a marker that are not behind another one, save after a comma."""
    last = 0
    for marker in words.MARKER.finditer(text, left, start):
        last = marker.end()
    if not last:
        return text[left:start]
    own = max(text.rfind(sign, last, start) + len(sign) for sign in _PARTS)
    if own <= last:
        own = last if _LEADS_ON.search(text, last, start) else start
    return text[own:start]


_PARTS = (",", "/", ")", ":", " and ", " but ")
_LEADS_ON = rx(r"\b(?:for|of)(?: the| both)? $")
"""What stands before "for" or "of" is said of the marker behind it."""


def _of_marker(window: str) -> str:
    """Return the words behind a marker up to another subject, where a value stands before it."""
    for subject in words.OTHER_SUBJECT.finditer(window):
        if words.STATUS.search(window, 0, subject.start()) or words.VALUED.search(
            window, 0, subject.start()
        ):
            return window[: subject.start()]
    return window


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
    text = receptor_text(reading)
    for line in words.NEXT_LINE.finditer(reading.clean, start, end):
        written = text[start : line.start()]
        said = written.strip(" \n:.,;=-")
        if line["label"] or (said and not words.GOES_ON.search(written)):
            return written
    return text[start:end]


def status_of(match: re.Match[str]) -> str:
    """Return the word for the group of a pattern that matched."""
    return words.KEYS[next(key for key, value in match.groupdict().items() if value is not None)]


def percent_of(window: str) -> tuple[Value, re.Match[str]] | None:
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
        bound = next((key for key, ops in _BOUNDS.items() if op.startswith(ops)), None)
        if bound is not None:
            return {bound: first}, match
        return (int(first) if first == int(first) else first), match
    return None


_BOUNDS = {
    "ge": ("not less", "no less", "not fewer", "no fewer", "at least"),
    "le": ("not more", "no more", "not greater", "no greater", "at most", "up to", "not exceeding"),
    "lt": ("<", "less", "fewer", "under", "below"),
    "gt": (">", "greater", "more", "over", "above"),
}


def stained(value: Value) -> str | None:
    """Return the status that a percentage settles: positive begins at 1 % (ASCO/CAP 2020).

    None where the percentage may lie on either side: below 10 % may be none.
    """
    if not isinstance(value, dict):
        return "negative" if number_of(value) < 1 else "positive"
    least = max((float(value[key]) for key in ("gt", "ge") if key in value), default=0.0)
    if least >= 1:
        return "positive"
    return "negative" if value.get("lt", 100.0) <= 1 or value.get("le", 100.0) < 1 else None


def number_of(value: Value) -> float:
    """Return a representative number of a value that may be an interval."""
    if isinstance(value, dict):
        numbers = [float(n) for n in value.values()]
        if "lt" in value:
            return max(0.0, numbers[0] - 1)
        return sum(numbers) / len(numbers)
    assert isinstance(value, int | float)
    return float(value)


_OF_THE_NEXT = re.compile(r"\s?(?:,|;|and\b|but\b)\s?(?:and\s|but\s)?(?:\w+ly\s)?\w+(?: for)?\s$")
"""A verdict behind a comma and right before the next name: "positive ER, negative PR"."""


def status_in(
    said: Statement, percent: tuple[Value, re.Match[str]] | None
) -> tuple[str, int, int] | None:
    """Return the status that the words around a marker state, with its span."""
    sign = words.LABELLED.match(said.window) or words.SIGN.match(said.window)
    status = words.STATUS.search(said.window)
    direct = sign is not None or (status is not None and status.start() < 12)
    if said.before and status and _OF_THE_NEXT.match(said.window):
        direct = False
    if said.none_before and not (status and words.OUTRIGHT.match(status[0])) and sign is None:
        return "negative", said.start, said.end + (status.end() if status else 0)
    if said.before and not direct:
        return status_of(said.before), said.start - len(said.before[0].lstrip()), said.end
    if sign:
        return status_of(sign), said.start, said.end + sign.end()
    word = stained(percent[0]) if percent else None
    none_stained = word == "negative"
    if status and not (none_stained and percent and percent[1].start() < status.start()):
        return status_of(status), said.start, said.end + status.end()
    if percent and word:
        return word, said.start, said.end + percent[1].end()
    return None
