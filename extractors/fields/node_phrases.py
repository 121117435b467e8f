"""Rows of the ledger of lymph nodes from fractions, sentences and groups (not from tables)."""

import re
from collections.abc import Iterator
from dataclasses import replace

from extractors.fields import node_patterns as say
from extractors.fields import node_verdicts as verdicts
from extractors.fields.node_rows import MEASURED, Row, group_of, is_of_nodes, own_sentence
from extractors.patterns import COUNT, count_of, rx
from extractors.reading import Reading

_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50}
_CHAIN = 45
_MOST = 120
# A list of stations is at most so long.
_LIST = 400
# "Examined: 35" and a line's end: the number belongs to its label, not to the next line.
_VALUE = re.compile(r"[:=]\s{0,2}$")
_ALONE = re.compile(r"\d{1,3}\s?\n")
_OF_ALL = rx(rf"(?:{COUNT}|\bnone|\bno)(?: \(\d+\))? (?:out )?of (?:the )?$")
_BRACKET_CLOSED = re.compile(r"\)\s*\n")
_COUNTED = re.compile(r"\d\s?/\s?\d|nodes|\bone\b|\btwo\b|\bof\b")


def phrases(reading: Reading, low: str) -> Iterator[Row]:
    """Yield the rows that the prose of `low` states; `low` is `reading.low`, tables closed."""
    for row in _rows(reading, low):
        # "11115 nodes" is a scan's 11/15: `low` has lost the ones.
        if reading.clean[max(0, row.start - 1) : row.start].isdigit():
            continue
        if not _VALUE.search(low[max(0, row.start - 3) : row.start]) or not _ALONE.match(
            low, row.start
        ):
            yield _isolated(low, row)


def _rows(reading: Reading, low: str) -> Iterator[Row]:
    yield from _ratios(low)
    yield from _fractions(low)
    yield from _signed(low)
    yield from _romans(low)
    yield from _groups(reading, low)
    yield from _parts_of(low)
    yield from _turned(low)
    yield from _ledgers(low)
    yield from _clean(low)
    yield from _sick(reading, low)
    yield from _behind(low)
    yield from _singles(low)


def _number(text: str | None) -> int | None:
    if text is None:
        return None
    if text in {"no", "none", "o"}:
        return 0
    if "single" in text:
        return 1
    return count_of(text)


def _isolated(low: str, row: Row) -> Row:
    """Take isolated tumour cells out of the positive nodes (AJCC 8): the nearest words decide."""
    if not row.positive:
        return row
    left = (
        re.split(r"[.;](?!\d)|:\s|\d(?![\d.]*\s?[cm]m)", low[max(0, row.start - 70) : row.start])[
            -1
        ]
        + (low[row.start : row.end])
    )
    right = re.split(r"[.;](?!\d)|\n\s*\n|\d", low[row.end : row.end + 70])[0]
    for words in (left, right):
        if say.ISOLATED.search(words) and not say.NOT_ISOLATED.search(words):
            if say.METASTASIS.search(words.partition("isolated")[0]) and "(" not in words:
                return row
            return replace(row, positive=0, isolated=row.positive)
        if say.METASTASIS.search(words):
            return row
    return row


def _still_well(after: str) -> bool:
    """Say whether "5 of 5 nodes" goes on with "negative" in its own sentence."""
    return say.STILL_WELL.search(re.split(r"[.;](?!\d)", after)[0]) is not None


def _kind_total(low: str, start: int, end: int) -> bool:
    before = low[max(0, start - 45) : start]
    return (
        say.TOTAL_BEFORE.search(before) is not None
        or say.TOTAL_AFTER.match(low[end : end + 50]) is not None
    )


def _row(
    low: str,
    positive: int | None,
    examined: int | None,
    span: tuple[int, int],
    rank: int,
    *,
    total: bool = False,
) -> Row:
    start, end = span
    before = re.split(r"[.;]\s|\n\s*\n", low[max(0, start - 70) : start])[-1]
    after = re.split(r"[.;,\n]", low[end : end + 25])[0]
    group = group_of(before + low[start:end]) or group_of(after)
    kind = "total" if total else "part"
    return Row(positive, examined, start, end, rank, kind, group=group)  # type: ignore[arg-type]


def _ratios(low: str) -> Iterator[Row]:
    for match in say.RATIO.finditer(low):
        positive, examined = int(match["p"]), int(match["e"])
        if 0 <= positive <= examined and is_of_nodes(low, match.start(), match.end(), 160):
            yield replace(_row(low, positive, examined, match.span(), 2), kind="announced")


def _fractions(low: str) -> Iterator[Row]:
    last = -200
    for match in say.FRACTION.finditer(low):
        positive, examined = _number(match["p"]), _number(match["e"])
        start, end = match.span()
        if positive is None or not examined or examined > _MOST:
            continue
        if positive > examined and not _impossible(low, start, end):
            continue
        if re.search(r"/\s?$", low[max(0, start - 3) : start]) or re.match(r"\s?/", low[end:]):
            continue
        near = low[max(0, match.start() - 30) : match.end() + 45]
        if re.search(r"\d\s?/\s?\d+\s?/|/\s?\d\d\s?/", near):
            continue
        after = re.split(r"[.;,)]\s|\n", low[end : end + 12])[0]
        led = own_sentence(low, start, 22)
        other = say.NOT_NODES.search(led + " " + after) and say.NOT_NODES.search(
            say.LAST_NODES.split(led)[-1] + " " + after
        )
        if other and not (MEASURED.search(led) and say.NODES_NEXT.match(low, end)):
            continue
        if say.NOT_COUNTED.match(low, end) or say.ELSEWHERE.search(own_sentence(low, start, 90)):
            continue
        if not (
            say.STAGE_NEXT.match(low, end)
            or is_of_nodes(low, start, end)
            or _follows(low, last, start, end)
        ):
            continue
        if match["itc"] or (positive == examined and _still_well(low[end : end + 25])):
            positive = 0
        last = end
        row = _row(low, positive, examined, match.span(), 2, total=_kind_total(low, start, end))
        yield replace(row, isolated=_number(match["p"])) if match["itc"] else _told(low, row)


def _signed(low: str) -> Iterator[Row]:
    """Yield "2N+/14", and "3N-/3", which counts those that are free."""
    for match in say.SIGNED.finditer(low):
        count, examined = int(match["p"]), int(match["e"])
        if count <= examined:
            row = _row(low, count, examined, match.span(), 2)
            well = match["sign"] == "-"
            free = replace(row, positive=0 if count == examined else None, free=count)
            yield free if well else row


def _told(low: str, row: Row) -> Row:
    """Return a row as the verdict of its clause tells it: "12/14 negative" counts the free."""
    free, examined = row.positive, row.examined
    if not free or examined is None or not verdicts.free_of(low, row.start, row.end):
        return row
    positive = verdicts.positive_beside(low, row.end, free, examined)
    return replace(row, positive=positive, free=free)


def _impossible(low: str, start: int, end: int) -> bool:
    """Say whether a fraction above one surely counts nodes: "7/5 lymph nodes", "nodes: 7/5"."""
    return say.NODES_NEXT.match(low, end) is not None or (
        say.NODES_JUST_BEFORE.search(low[max(0, start - 30) : start]) is not None
    )


def _follows(low: str, last: int, start: int, end: int) -> bool:
    """Say whether a fraction goes on with a list of fractions of nodes."""
    return start - last < _CHAIN and is_of_nodes(low, start, end, start - last + 110)


def _romans(low: str) -> Iterator[Row]:
    for match in say.ROMAN_FRACTION.finditer(low):
        positive, examined = _roman(match["p"]), _roman(match["e"])
        if not is_of_nodes(low, match.start(), match.end(), 70):
            continue
        if re.search(r"grade|score|\blevels?\b", low[max(0, match.start() - 25) : match.start()]):
            continue
        if positive is not None and examined and positive <= examined:
            total = say.AFTER_PN.search(low[max(0, match.start() - 60) : match.start()])
            yield _row(low, positive, examined, match.span(), 2, total=total is not None)


def _roman(text: str) -> int | None:
    if text in {"o", "0"}:
        return 0
    total = 0
    values = [_ROMAN_DIGITS[c] for c in text]
    for value, following in zip(values, [*values[1:], 0], strict=True):
        total += value if value >= following else -value
    return total


def _groups(reading: Reading, low: str) -> Iterator[Row]:
    """Yield groups of clean nodes that are followed by their number only."""
    for match in say.NUMBER_OF_GROUP.finditer(low):
        if re.search(r"metasta|carcinoma", match[0]):
            continue
        # A small l is a scan's capital I; a capital L is fifty.
        digits = reading.clean[match.start("e") : match.end("e")].replace("l", "I").lower()
        examined = int(digits) if digits.isdigit() else _roman(digits)
        if examined and examined <= 60:
            yield _row(low, 0, examined, match.span(), 1)


def _parts_of(low: str) -> Iterator[Row]:
    """Yield "two of fourteen lymph nodes"."""
    for match in say.OF.finditer(low):
        examined = _number(match["e2"] or match["e"])
        if examined and (index := say.INDEX.match(low, match.start())):
            # "Node 1 of 2: metastasis" names a node and counts none.
            if index["i"] == "1":
                yield replace(_row(low, None, examined, match.span(), 2), free=0)
            continue
        positive = examined if match["p"] == "all" else _number(match["p"])
        if positive is None or not examined or positive > examined:
            continue
        before = low[max(0, match.start() - 60) : match.start()]
        if not (
            say.NODES_AFTER.match(low, match.end())
            or say.NODES_BEFORE.search(before)
            or say.ANY_NODES.search(match[0])
            or say.AFTER_PN.search(before[-25:])
            or (
                say.METASTASES_NEXT.match(low, match.end())
                and say.ANY_NODES.search(low, max(0, match.start() - _LIST), match.start())
            )
        ):
            continue
        if positive == examined and _still_well(low[match.end() : match.end() + 60]):
            positive = 0
        led = _BRACKET_CLOSED.split(own_sentence(low, match.start(), 14))[-1]
        if say.NOT_NODES.search(led + match[0]):
            continue
        total = "total" in match[0] or say.AFTER_PN.search(before[-25:]) is not None
        total = total or _kind_total(low, *match.span())
        row = _row(low, positive, examined, match.span(), 2, total=total)
        if say.OF_SICK.match(low, match.end()):
            # "2 of the 3 involved nodes have ENE": three are positive.
            row = replace(row, positive=examined, examined=None, rank=0)
        none_is_free = match["p"] in {"none", "no"} and verdicts.free_of(low, row.end, row.end)
        if none_is_free or verdicts.denied_before(low, match.start()):
            row = replace(row, positive=None, free=0)
        yield _told(low, row)


def _turned(low: str) -> Iterator[Row]:
    """Yield "out of fourteen lymph nodes, two show metastasis"."""
    for match in say.TURNED.finditer(low):
        # "11 negative nodes and 2 positive ones" are two counts.
        if re.search(r"\b(?:negative|free|benign|clear|uninvolved|reactive)\b", match[0]):
            continue
        positive, examined = _number(match["p"]), _number(match["e"])
        if positive is not None and examined and positive <= examined:
            yield _row(low, positive, examined, match.span(), 2)
    for match in say.IN_BRACKETS.finditer(low):
        positive, examined = _number(match["p"]), _number(match["e"])
        if positive is not None and examined and positive <= examined:
            yield _row(low, positive, examined, match.span(), 2, total=bool(match["total"]))
    for match in say.BEHIND_LABEL.finditer(low):
        positive, examined = _number(match["p"] or match["q"]), _number(match["e"])
        if positive is not None and (examined or positive) and positive <= (examined or positive):
            yield _row(low, positive, examined, match.span(), 2 if examined else 0)
    for match in say.PAIRED.finditer(low):
        positive, examined = _number(match["p"].replace("nil", "no")), _number(match["e"])
        if positive is not None and examined and positive <= examined:
            yield _row(low, positive, examined, match.span(), 2)
    for match in say.TIMES.finditer(low):
        yield _row(low, 0, int(match["e"]), match.span(), 1)


def _ledgers(low: str) -> Iterator[Row]:
    """Yield "14 nodes, 12 free", and "one node positive, four negative" as one count of both."""
    for free, examined, start, end in verdicts.turned(low):
        positive = verdicts.positive_beside(low, end, free, examined)
        row = _row(low, positive, examined, (start, end), 2)
        yield replace(row, free=free)
    for positive, examined, start, end in (*verdicts.beside(low), *verdicts.numbered(low)):
        yield replace(_row(low, positive, examined, (start, end), 1), group="")


def _clean(low: str) -> Iterator[Row]:
    for pattern, names in ((say.CLEAN, ("e2", "e")), (say.CLEAN_BEFORE, ("e2", "e4", "e", "e3"))):
        for match in pattern.finditer(low):
            examined = _number(next((match[name] for name in names if match[name]), None))
            before = low[max(0, match.start() - 12) : match.start()]
            if examined and examined <= 120 and not say.NUMBERED.search(before):
                total = say.TOTAL_AFTER.match(low[match.end() : match.end() + 50]) is not None
                row = _row(low, 0, examined, match.span(), 1, total=total)
                denied = verdicts.denied_before(low, match.start())
                denied = denied or verdicts.excepted(low, match.end())
                yield replace(row, positive=None, free=0, rank=2) if denied else row


def _sick(reading: Reading, low: str) -> Iterator[Row]:
    for match in say.SICK.finditer(low):
        positive = _number(match["p2"] or match["p4"] or match["p"] or match["p3"])
        if say.DENIED.search(low[max(0, match.start() - 40) : match.start()]):
            continue
        # "4 of 6 lymph nodes positive" that was not read as a fraction is no count of six.
        if match["p3"] and _OF_ALL.search(low, max(0, match.start() - 24), match.start("p3")):
            continue
        if re.search(r"\b(?:absent|not|free|negative)\b", match[0]):
            continue
        if not positive or positive > 80:
            continue
        specimen = reading.specimen_at(match.start())
        title = (
            specimen.title.lower() if specimen else low[max(0, match.start() - 60) : match.start()]
        )
        one = re.search(r"\bnode\b(?!s)|sentinel", title) is not None and positive == 1
        alone = match["p3"] is not None and match["p4"] is not None
        yield _row(low, positive, positive if one or alone else None, match.span(), 0)


def _behind(low: str) -> Iterator[Row]:
    for match in say.BEHIND.finditer(low):
        examined = int(match["e"])
        if 0 < examined <= 80 and (match["well"] or examined == 1):
            yield _row(low, 0 if match["well"] else 1, examined, match.span(), 1)


def _singles(low: str) -> Iterator[Row]:
    """Yield one node where a heading names a single node and its verdict has no count."""
    for match in say.SINGLE.finditer(low):
        if _COUNTED.search(low, match.start(), match.end() + 40):
            continue
        if say.NO_NODE.search(low[match.start("well") : match.end() + 60]):
            continue
        yield _row(low, 1 if match["sick"] else 0, 1, match.span(), 0)
