"""One statement about lymph nodes as a row of a ledger, and what speaks of nodes at all."""

import re
from dataclasses import dataclass, replace
from typing import Literal

from extractors.patterns import rx
from extractors.searched import Searched

# Characters between two statements of one breath; a sentence's fraction may stand further behind.
_NEAR = 45
_OPENED = re.compile(
    r"(?:(?!\b(?:another|others?|second|third|additional|further)\b)[^.;()\d]){0,80}\(\s?"
)
Kind = Literal["part", "total", "announced", "restatement"]

NODES = r"(?:lymph[\s-]{0,2}nodes?|nodes?|\bs?ln'?s?\b|lymphonodes?|lymphonodi)"


@dataclass(frozen=True, slots=True)
class Row:
    """One statement; a number that it does not state is None.

    `isolated`, `macro` and `micro` are nodes with isolated tumour cells, macro- and
    micrometastases. `group` says which nodes ("sentinel"), empty if it does not say. `place` is the
    label of the specimen. An `announced` ratio ("positive/total: 2/14") is a part or the total, as
    the others show. A `summary` stands behind a label ("Lymph nodes: negative (0/2)") within a
    specimen that is not nodes. `start:end` is the quote. `rank` orders the ways of saying it:
    a labelled number (3), a fraction or "2 of 14" (2), a sentence (0, 1). `free` are the nodes of
    a row that counts only those without tumour: how many are positive it does not say.
    """

    positive: int | None
    examined: int | None
    start: int
    end: int
    rank: int
    kind: Kind = "part"
    isolated: int | None = None
    macro: int | None = None
    micro: int | None = None
    group: str = ""
    place: str = ""
    summary: bool = False
    free: int | None = None


_GROUP = re.compile(
    r"(?P<nonsentinel>non-?\s?sentinel)|(?P<sentinel>sentinel|\bsln?\b|\bslnb\b)|"
    r"(?P<mammary>internal mammary|parasternal)|(?P<breast>intra-?mammary)|"
    r"(?P<pectoral>inter-?pectoral|rotter)|(?P<level>level\s(?:i{1,3}|[123])\b)|"
    r"(?P<axillary>axill\w*)"
)


def group_of(text: str) -> str:
    """Return which nodes lower-case `text` names last, or an empty string."""
    last = ""
    for match in _GROUP.finditer(text):
        last = match[0].replace(" ", "") if match.lastgroup == "level" else str(match.lastgroup)
    return last


# What a count belongs to: the nearest of these before it. The second group is not nodes.
_OWNERS = rx(
    rf"(?P<node>{NODES}|(?:\b[ry]{{0,2}}p?\s?|(?<=[0-4a-d]))n\s?[0-3x](?:mi|[a-c])?\b|"
    rf"\b[ry]?p\s?no\b|lymphadenectom|axilla|sentinel|nodal\b|"
    r"\blevel (?:i{1,3}|[123])\b|\bstations?\b|lymphoid)"
    r"|(?P<other>\ber\b|\bpr\b|\bpgr\b|\bar\b|estrogen|progest|\bher-?\s?2|receptors?\b|"
    r"\bki-?\s?67|"
    r"allred|\bquick\s?score|h-?score|\bscores?\b|nottingham|richardson|\bsbr\b|elston|gleason|"
    r"\bgrad(?:e|ing)\b|mitos|mitotic|tubul|\bnuclear\b|pleomorph|\bmargins?\b|quadrant|o'clock|"
    r"\bblocks?\b|\bslides?\b|cassettes?|\bcores?\b|\bpages?\b|\bdated?\b|\bihc\b|immunohisto|"
    r"\bsize\b|\bsections\b|\bmm\b(?! \()|\bfoci\b|\bfragments\b|\bpieces\b)"
)
_OTHER_NEAR = rx(
    r"nottingham|score|grade|quadrant|o'clock|slides?|blocks?|hpf|cores?|levels? \d|page|margin|"
    r"allred|sbr|elston|mitos|tubul|nuclear|\bck\s?$|keratin\s?$|\bcam\s?$|gleason|\ber\b|\bpr\b|"
    r"\b(?:dated?|received|reported|collected)(?: on)?:?\s?$"
)
_NAMED = re.compile(NODES)
MEASURED = re.compile(r"\d\s?[cm]m\s?[,;]\s{1,2}$")
_NODES_NEXT = re.compile(
    rf"\)?\s{{0,3}}(?:(?!(?:and|in|from|show)\b)[a-z-]++\s{{1,3}}){{0,3}}?(?:lymph[.]\s)?{NODES}"
)
_NODES_AFTER = rx(rf"\)?(?:\s?[a-z-]++){{0,4}}?\s?{NODES}|[^.;:\d]{{0,45}}?\b(?:nodes|lymph node)")


_STOP = re.compile(r"[.;](?=\s)")
_BREAK = re.compile(r"[.;](?=\s)|\n(?=[^\n:]{1,30}:)")


def own_sentence(low: str, start: int, reach: int) -> str:
    """Return the at most `reach` characters before `start` that belong to its sentence."""
    return _BREAK.split(low[max(0, start - reach) : start])[-1]


def is_of_nodes(low: str, start: int, end: int, reach: int = 110) -> bool:
    """Say whether the count at `start:end` belongs to nodes: the nearest noun decides.

    An Allred score of 7/8, CK5/6 or a Bloom-Richardson 6/9 that follows nodes is none of theirs.
    """
    led = own_sentence(low, start, 22)
    # "Margins clear 4 mm, 0/3 nodes": behind a measure another thing is told.
    # "Grade 2, nodes 1/4": what stands before the nodes' own name says nothing of their count.
    near = _OTHER_NEAR.search(_NAMED.split(led)[-1])
    if near and not (MEASURED.search(led) and _NODES_NEXT.match(low, end)):
        return False
    if _NODES_NEXT.match(low, end):
        return True
    owners = list(_OWNERS.finditer(low, max(0, start - reach), start))
    if owners:
        owner = owners[-1]
        far = len(_STOP.findall(low, owner.end(), start)) > 1
        return owner["node"] is not None and not far
    return _NODES_AFTER.match(low, end) is not None


def blanked(low: str, spans: list[tuple[int, int]]) -> str:
    """Return `low` with the spans closed, which are in order: what they say is read once only."""
    if not spans:
        return low
    spans = _apart(spans)
    if isinstance(low, Searched):
        return low.filled(spans, ";")
    parts, at = [], 0
    for start, end in spans:
        parts += [low[at:start], ";" * (end - start)]
        at = end
    return "".join([*parts, low[at:]])


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same stretches without overlap: a letter that is closed twice would move all."""
    apart: list[tuple[int, int]] = []
    at = 0
    for start, end in sorted(spans):
        if end > at:
            apart.append((max(start, at), end))
            at = end
    return apart


def merge(low: str, rows: list[Row]) -> list[Row]:
    """Join statements that say the same thing twice in one breath ("one node negative (0/1)")."""
    merged: list[Row] = []
    for row in sorted(rows, key=lambda r: (r.start, -r.rank)):
        last = merged[-1] if merged else None
        restates = row.rank > 1 or (last is not None and last.rank < 2)
        within = last is not None and row.start < last.end
        bracket = last is not None and row.rank == 2 > last.rank and row.start - last.end <= 3
        near = (
            restates
            and last is not None
            and row.start - last.end
            < _NEAR + (15 if row.rank != last.rank or _again(last, row) else 0)
        )
        one = last is not None and (bracket or within or _one_group(last, row))
        again = last is not None and _in_brackets(low, last, row)
        joined = within or bracket or again or (near and last is not None and _same(last, row))
        if last is not None and last.place == row.place and one and joined:
            merged[-1] = _joined(last, row)
        else:
            merged.append(row)
    return merged


def _in_brackets(low: str, last: Row, row: Row) -> bool:
    """Say whether a clause tells its count again: "one of three with isolated cells (0/3)"."""
    cells = row.positive == 0 and bool(last.isolated)
    same = row.examined == last.examined and (row.positive == last.positive or cells)
    return same and _OPENED.fullmatch(low, last.end, row.start) is not None


def _again(last: Row, row: Row) -> bool:
    """Say whether two counts of more than one node, not all free, are the same: told once more."""
    counts = (row.positive, row.examined)
    return counts == (last.positive, last.examined) and bool(row.positive) and row.examined != 1


def _joined(last: Row, row: Row) -> Row:
    better, other = (row, last) if row.rank > last.rank else (last, row)
    total = "total" in (last.kind, row.kind)
    open_count = better.positive is None and better.free is None
    return replace(
        better,
        positive=other.positive if open_count else better.positive,
        examined=other.examined if better.examined is None else better.examined,
        isolated=other.isolated if better.isolated is None else better.isolated,
        start=min(last.start, row.start),
        end=max(last.end, row.end),
        kind="total" if total else better.kind,
        group=better.group or other.group,
    )


def _one_group(a: Row, b: Row) -> bool:
    return not (a.group and b.group and a.group != b.group)


def _same(a: Row, b: Row) -> bool:
    open_count = a.free is not None or b.free is not None
    agree = a.positive == b.positive or (
        (a.positive is None or b.positive is None) and not open_count
    )
    return (
        agree
        and (a.examined is None or b.examined is None or a.examined == b.examined)
        and (
            (a.examined is not None and a.examined == b.examined)
            or (a.positive is not None and a.positive == b.positive and (a.rank < 1 or b.rank < 1))
        )
    )
