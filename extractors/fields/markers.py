"""Biomarkers: ER, PR, HER2 by immunohistochemistry and in situ hybridisation, Ki-67.

To add a marker, add a row to `MARKERS` in `marker_words.py` and say here how its values read.
A marker of which the page says something that no pattern settles is asked (`contradictions`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.candidates import Candidate
from extractors.context import is_family
from extractors.contradiction import Contradiction
from extractors.fields import marker_columns, marker_summary
from extractors.fields import marker_words as words
from extractors.fields.marker_doubts import is_condition, says_both, takes_back
from extractors.fields.marker_her2 import concluded, gene, is_of_gene, protein
from extractors.fields.marker_hormones import hormone, listed, respectively
from extractors.fields.marker_rivals import (
    index_of,
    is_threshold,
    of_other_tissue,
    of_two_specimens,
    rival_scores,
    rival_shares,
    rival_specimens,
    turns,
)
from extractors.fields.marker_scope import of_another_tumour, of_in_situ, pending_here
from extractors.fields.marker_statement import Mention, Statement, lead_of, number_of, statement_of
from extractors.fields.marker_text import receptor_text
from extractors.gate import kinds_at, states_nothing
from extractors.reading import Reading

_ASKS = {"er": "er_status", "pr": "pr_status", "her2": "her2", "ish": "her2", "ki67": "ki67"}
_SETTLES = {
    "er_status": ("er_status",),
    "pr_status": ("pr_status",),
    "her2": (
        "her2_ihc",
        "her2_final",
        "her2_ish",
        "her2_ish_open",
        "her2_ratio",
        "her2_copies",
        "her2_group",
    ),
    "ki67": ("ki67",),
}


@dataclass(frozen=True, slots=True)
class _Markers:
    """What a document states of its markers, and what it speaks of without settling it."""

    stated: tuple[Candidate, ...]
    open: tuple[Contradiction, ...]


def read(reading: Reading) -> Iterator[Candidate]:
    """Yield every marker result that the document states."""
    yield from _markers(reading).stated


def contradictions(reading: Reading) -> Iterator[Contradiction]:
    """Yield what the document says of a marker and nothing settles: a person is asked."""
    yield from _markers(reading).open


def _markers(reading: Reading) -> _Markers:
    held = reading.kept.get("markers")
    if not isinstance(held, _Markers):
        held = reading.kept["markers"] = _read(reading)
    return held


def _read(reading: Reading) -> _Markers:
    stated: list[Candidate] = []
    unsettled: list[Contradiction] = []
    zeros: list[tuple[int, int]] = []
    for group, following in _groups(reading):
        said = statement_of(reading, group, following)
        found, left_open = _said_of(reading, group, said)
        stated += found
        unsettled += left_open
        if said.loose_zero and group[-1].marker == "her2" and not found:
            zeros.append((said.start, said.end + 2))
    columns = list(marker_columns.read(reading))
    stated += columns
    told = {c.concept for c in columns}
    unsettled = [one for one in unsettled if one.field not in told]
    summed, summed_open = marker_summary.read(reading)
    stated += summed
    stated, against_zero = _without_zero(stated, zeros)
    stated, of_specimens = of_two_specimens(receptor_text(reading), stated)
    unsettled += [*against_zero, *of_specimens]
    stated += concluded([c for c in stated if not states_nothing(reading, c.start, c.end)])
    unsettled += [
        Contradiction("her2", "ish_needs_ihc", ((c.start, c.end),))
        for c in stated
        if c.concept == "her2_ish_open"
    ]
    return _Markers(tuple(stated), tuple(_once([*unsettled, *summed_open])))


def _without_zero(
    stated: list[Candidate], zeros: Sequence[tuple[int, int]]
) -> tuple[list[Candidate], list[Contradiction]]:
    """Return the statements, without a stain of HER2 that a loose zero elsewhere speaks against."""
    rivals = [c for c in stated if c.concept == "her2_ihc" and c.value != "negative"]
    if not zeros or not rivals:
        return stated, []
    spans = sorted({*zeros, *((c.start, c.end) for c in rivals)})
    kept = [c for c in stated if c.concept not in {"her2_ihc", "her2_score"}]
    return kept, [Contradiction("her2", "said_twice", tuple(spans))]


def _said_of(
    reading: Reading, group: list[Mention], said: Statement
) -> tuple[list[Candidate], list[Contradiction]]:
    """Return what is stated of a group of markers, and what is said of it and not settled."""
    start, end, window = said.start, said.end, said.window
    if words.NO_RESULT.match(window) or is_family(reading, start, end):
        return [], []
    if is_condition(reading, start, end):
        return [], []
    found = [c for c in _read_group(reading, group, said) if c.value != "indeterminate"]
    foreign = bool(found) and of_another_tumour(reading, start, end)
    if foreign and pending_here(reading):
        return [], []
    foreign = foreign or (bool(found) and of_in_situ(reading, start, window))
    surely = foreign or (bool(found) and _is_taken_back(reading, group, said))
    if surely:
        found = []
    passing = [c for c in found if not states_nothing(reading, c.start, c.end)]
    left_open = list(_open(reading, group, said, passing, surely=surely))
    verdict = _LIKE_A_VERDICT.search(_own_clause(reading, said))
    if left_open and verdict and not foreign and is_of_gene(group, said):
        # The stain must not answer for a gene test that could not be read.
        found.append(Candidate("her2_ish_open", "open", start, end, said.weight))
    return found, left_open


def _is_taken_back(reading: Reading, group: Sequence[Mention], said: Statement) -> bool:
    """Say whether a verdict is taken back, is one of two, or hangs on a dash that may be none."""
    last = group[-1].marker
    return (
        takes_back(reading, said.start, said.end, said.end + len(said.window))
        or says_both(re.split(r"\.\s|\n", said.window, maxsplit=1)[0])
        or _SUSPENDED.match(receptor_text(reading), said.end) is not None
        or of_other_tissue(said.window)
        or is_threshold(said.window)
        or turns(lead_of(reading, said.start), _behind(reading, said))
        or (last == "her2" and rival_scores(said.window))
        or (last in {"er", "pr"} and rival_specimens(said.window))
        or (last == "ki67" and rival_shares(said.window))
    )


def _behind(reading: Reading, said: Statement) -> str:
    """Return the words behind a marker on its line, also those of the markers after it."""
    return receptor_text(reading)[said.end : said.end + 110]


def _once(unsettled: Sequence[Contradiction]) -> Iterator[Contradiction]:
    """Yield one question a field and reason, with the place of each saying."""
    spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for one in unsettled:
        spans.setdefault((one.field, one.reason), []).extend(one.spans)
    asked = set()
    for (field, reason), places in spans.items():
        if field not in asked:
            asked.add(field)
            yield Contradiction(field, reason, tuple(sorted(set(places))))


def _open(
    reading: Reading,
    group: Sequence[Mention],
    said: Statement,
    found: Sequence[Candidate],
    *,
    surely: bool,
) -> Iterator[Contradiction]:
    """Yield the markers of a group that the page says something of, and that have no value."""
    if said.pending:
        return
    like = _LIKE_A_RESULT.search(_own_clause(reading, said))
    before = said.before is not None or _RESULT_BEFORE.search(said.lead) is not None
    if not (like or before or surely) or _is_shut(reading, said):
        return
    for mention in group:
        concept = _ASKS.get(mention.marker)
        if concept is None or any(c.concept in _SETTLES[concept] for c in found):
            continue
        if mention.marker == "ish" and not (like and _LIKE_A_VERDICT.match(like[0])):
            continue
        if concept == "ki67" and not surely and not (like and re.search(r"\d|low|high", like[0])):
            continue
        end = said.end + (like.end() if like else 0)
        yield Contradiction(concept, "not_settled", ((said.start, end),))


_LIKE_A_VERDICT = re.compile(r"[\s:=(]{0,4}[+-](?![^\S\n]?\w)|posit|negat|\bpos\b|\bneg\b|amplif")
_RESULT_BEFORE = re.compile(r"(?:\d\s?%|\d\s?/\s?8|[0-3]\s?\+)\s(?:for|of)\s$|\bloss\sof\s$")
_LIKE_A_RESULT = re.compile(
    r"(?:\birs|score|intensity|proportion)[\s:=]{0,3}\d|\bper\s?cent\b|(?<![\d./:])\d{1,3}\s?(?:-|to)\s?\d{1,3}\s?%|"
    r"\d\s?[-/]\s?\d\s?\+|\d\s?out of\s?\d|\b(?:posit[il1]v|negat[il1]v|pos\b|neg\b|equivocal|"
    r"reactive|amplified|"
    r"over-?express|strong|weak|"
    r"low\b|high\b|borderline|lost\b|loss\b|rich\b|poor\b)\w*|±|"
    r"(?<![\d./:-])[<>]?\s?\d{1,3}(?:\.\d)?\s?(?:%|\+|/\s?(?:8|12|3|300|100)\b)|"
    r"^(?:(?:\s?\([^()]{1,20}\))?[\s:=(-]{0,5}|[\x20:=(-]{0,14})[<>]?(?:\d{1,2}|"
    r"100)\b(?![./-]\d|/min|\s?bpm)|"
    r"^[\s:=]{0,3}\(?[+-]{1,3}(?=[\s,;/).]|$)"
)


def _own_clause(reading: Reading, said: Statement) -> str:
    """Return the words behind a marker up to the end of its clause or its line."""
    _, right = reading.clause(said.start, said.end)
    window = said.window[: max(0, right - said.end)]
    return window.split("\n\n")[0]


def _is_shut(reading: Reading, said: Statement) -> bool:
    """Say whether the marker stands in a legend, a method, a control or a plan."""
    kinds = kinds_at(reading, said.start, said.end)
    if kinds == {"legend"} and (_LABELLED.match(said.window) or _CITED.match(said.window)):
        return False
    return bool(kinds - {"uncertain", "doubtful", "replaced"})


_CITED = re.compile(
    r"\s(?:is\s)?(?:low\s)?(?:pos(?:itive)?|neg(?:ative)?)\s?\(?(?:as\s)?(?:per|according|by|"
    r"based|using|"
    r"following|in\s(?:line|accordance))\b"
)
_LABELLED = re.compile(
    r"(?:\s?[:=.-]{1,6}\s{0,4}|\s{1,14})(?:pos(?:itive)?|neg(?:ative)?|"
    r"[<>]?\d{1,3}\s?[%+])(?![\w])"
    r"(?!\s?(?:[<>=]|is\b|means|if\b|when\b))"
)


def _mentions(reading: Reading) -> list[Mention]:
    text = receptor_text(reading)
    found = []
    for match in words.MARKER.finditer(text):
        key = next(k for k, v in match.groupdict().items() if v is not None)
        marker, kind = key.rsplit("_", 1)
        if kind == "caps" and not reading.clean[match.start() : match.end()].isupper():
            continue
        found.append(Mention(marker, match.start(), match.end(), match[0]))
    return found


def _groups(reading: Reading) -> Iterator[tuple[list[Mention], int]]:
    """Yield runs of coordinated markers ("ER, PR and HER2") and where the next run starts."""
    text = receptor_text(reading)
    mentions = _mentions(reading)
    index = 0
    while index < len(mentions):
        group = [mentions[index]]
        while index + 1 < len(mentions) and _joins(text, mentions[index], mentions[index + 1]):
            index += 1
            group.append(mentions[index])
        index += 1
        following = mentions[index].start if index < len(mentions) else len(text)
        yield group, following


# "HER2 (0), Ki-67": the bracket is the first one's result.
_VALUE_BETWEEN = re.compile(r"\(\s?(?:[0-3]\s?\+?|[+-]{1,3})\s?\)")
_DASH_IS_SIGN = re.compile(r"\s-\s{2,}$|-(?:\s?[,;)/]|\s+(?!and\b|or\b))")
_SUSPENDED = re.compile(
    r"-\s?[,/&]?\s?(?:and\s|or\s)?(?:(?:er|pg?r|her-?2(?:/neu)?)-\s?[,/&]?\s?(?:and\s|or\s)?)?"
    r"(?:er|pg?r|her-?2(?:/neu)?)-(?:pos|neg)\w{3}"
)
"""The dashes of "ER-, PR- and HER2-positive" are hyphens or signs: nobody can tell."""


def _joins(text: str, first: Mention, second: Mention) -> bool:
    """Say whether two markers are named in one breath; on two lines only by a word that joins."""
    between = text[first.end : second.start]
    if words.JOINT.match(between) is None or _VALUE_BETWEEN.search(between):
        return False
    if _DASH_IS_SIGN.match(between) or (
        second.marker == "ki67" and not words.JOINER.search(between)
    ):
        return False
    # "ER- PR+": the dash is the first one's sign, where the second has a sign of its own.
    if between.lstrip().startswith("-") and words.SIGNED.match(text, second.end):
        return False
    return "\n" not in between or words.JOINER.search(between) is not None


def _read_group(reading: Reading, group: list[Mention], said: Statement) -> Iterator[Candidate]:
    each = listed(group, said)
    if each is not None:
        yield from each
        return
    if len(group) > 1 and words.RESPECTIVELY.search(said.window):
        yield from respectively(group, said)
        return
    of_gene = is_of_gene(group, said)
    for mention in group:
        if mention.marker in {"er", "pr"}:
            yield from hormone(mention.marker, said)
        elif mention.marker == "her2" and not of_gene:
            yield from protein(reading, said)
        elif mention.marker == "ki67" and not said.pending:
            found = index_of(said.window)
            if found:
                end = said.end + found[1].end()
                yield Candidate("ki67", found[0], said.start, end, said.weight, unit="percent")
    if of_gene:
        yield from gene(reading, group, said)


__all__ = ["contradictions", "number_of", "read"]
