"""Margins: rows of single statements, settled into status, closest distance and CRM.

An involved margin is 0 mm. The distance of another edge is never the closest margin when one
edge is involved. Tissue taken later (re-excision, shave) answers for the edge it replaces.
Where two statements cannot both be true no value is stated. CRM: involved at 1 mm or less
(CAP Protocol for Primary Carcinoma of the Colon and Rectum; RCPath G049).
"""

from collections.abc import Iterator, Sequence

from extractors.candidates import Candidate
from extractors.contradiction import Contradiction
from extractors.fields.margin_distances import RADIAL, distance_rows
from extractors.fields.margin_lists import listed_rows, unread_edges, without_unit
from extractors.fields.margin_rows import Row, status_rows
from extractors.fields.margin_settling import Settled, settled
from extractors.forms.corrected import SIGN
from extractors.gate import ASKED, kinds_at, states_nothing, withheld
from extractors.reading import Reading
from extractors.types import Value

DISAGREE = "margins_disagree"
"""Concept without a field: the margins' statements exclude each other, its value says which."""
_LATER_SECTIONS = frozenset({"amended", "addendum"})
_CRM_ORGANS = frozenset({"rectum", "colon"})
_CRM_INVOLVED_MM = 1.0


def read(reading: Reading, organ: str) -> Iterator[Candidate]:
    """Yield the status of the margins, distances and the circumferential margin."""
    rows = margin_rows(reading)
    older = [row for row in rows if row.section.name not in _LATER_SECTIONS]
    for part in (older, [row for row in rows if row.section.name in _LATER_SECTIONS]):
        if part:
            result = settled(reading, part, organ)
            yield from _status(result)
            yield from _distances(reading, result, part)
            yield from _circumferential(reading, part, organ)
            for found in result.contradictions:
                first, last = found.spans[0][0], found.spans[-1][1]
                yield Candidate(DISAGREE, found.field, first, last, 1.0)


def margin_rows(reading: Reading) -> list[Row]:
    """Return every statement on margins in the order of the text; kept with its reading."""
    held = reading.kept.get("margins")
    if not isinstance(held, list):
        held = reading.kept["margins"] = _margin_rows(reading)
    return held


def _margin_rows(reading: Reading) -> list[Row]:
    found = (*status_rows(reading), *distance_rows(reading), *listed_rows(reading))
    rows = []
    for row in found:
        if not states_nothing(reading, row.start, row.end):
            rows.append(row)
        elif row.status in _WORDS:
            _withhold(reading, row)
    told = [row for row in rows if SIGN in reading.low[row.start : row.end]]
    if told:
        # A correction in words replaces every other verdict, not the distances.
        rows = [row for row in rows if row in told or row.mm is not None]
    return sorted(_without_rules(rows), key=lambda row: (row.start, row.end))


def _without_rules(rows: Sequence[Row]) -> list[Row]:
    """Leave out "CRM not involved (> 1 mm)", the rule's number, beside the distance itself."""
    exact = any(row.radial and isinstance(row.mm, int | float) for row in rows)
    return [row for row in rows if not (exact and row.radial and row.mm in _RULES)]


_RULES = ({"gt": _CRM_INVOLVED_MM}, {"ge": _CRM_INVOLVED_MM})
_WORDS = {"involved": "positive", "free": "negative", "close": "negative"}


def _withhold(reading: Reading, row: Row) -> None:
    """Keep a verdict that was replaced, or is in doubt: a person is asked."""
    over = kinds_at(reading, row.start, row.end)
    if over <= ASKED:
        said = Candidate("margin_status", _WORDS[row.status], row.start, row.end, 0.0)
        withheld(reading).append((said, "replaced" in over))


def contradictions(reading: Reading, organ: str) -> list[Contradiction]:
    """Return the statements on margins that exclude each other, with both places."""
    rows = margin_rows(reading)
    found: list[Contradiction] = []
    for later in (False, True):
        part = [row for row in rows if (row.section.name in _LATER_SECTIONS) == later]
        if part:
            result = settled(reading, part, organ)
            found += [*result.contradictions, *result.asked]
    unread = [*without_unit(reading), *unread_edges(reading, rows)]
    found += [Contradiction("margin_mm", "not_settled", (span,)) for span in unread]
    pair = _crm_conflict([row for row in rows if _is_radial(reading, row)])
    if pair and organ in _CRM_ORGANS:
        spans = tuple(sorted((row.start, row.end) for row in pair))
        found.append(Contradiction("crm_status", "crm_free_within_1_mm", spans))
    return found


def _status(result: Settled) -> Iterator[Candidate]:
    if result.status is None or result.because is None:
        return
    row = result.because
    confidence = 0.9 if row.mm is None else 0.75
    yield Candidate("margin_status", result.status, row.start, row.end, _weight(row), confidence)


def _weight(row: Row) -> float:
    return row.section.weight


def _distances(reading: Reading, result: Settled, rows: Sequence[Row]) -> Iterator[Candidate]:
    if result.contradictions:
        return
    for row in result.involved:
        yield from _involved_mm(row)
    if not result.involved and any(unread_edges(reading, margin_rows(reading))):
        return
    for row in result.distances:
        if row.mm is None:
            continue
        near = 0.5 if row.scope == "closest" else 0.2
        weight = (1.5 if row.gross else row.section.weight) + near
        name = "dcis_margin_mm" if row.component == "in_situ" else "invasive_margin_mm"
        known = {r.component or "invasive" for r in result.involved}
        if (row.component or "invasive") not in known:
            yield Candidate(name, row.mm, row.start, row.end, weight, 0.85, "mm")
        if not result.involved:
            yield Candidate("margin_mm", row.mm, row.start, row.end, weight, 0.85, "mm")


def _involved_mm(row: Row) -> Iterator[Candidate]:
    mm: Value = row.mm if row.mm is not None else 0
    component = "dcis_margin_mm" if row.component == "in_situ" else "invasive_margin_mm"
    for name in ("margin_mm", component):
        yield Candidate(name, mm, row.start, row.end, row.section.weight + 1, 0.85, "mm")


def _circumferential(reading: Reading, rows: Sequence[Row], organ: str) -> Iterator[Candidate]:
    radial = [row for row in rows if _is_radial(reading, row)]
    if organ in _CRM_ORGANS and _crm_conflict(radial):
        radial = [row for row in radial if row.mm is not None]
    if any(row.status == "involved" for row in radial):
        # "Involved by a node; the tumour 6 mm away": that distance is not the margin's.
        radial = [row for row in radial if row.mm is None or not _is_far(row.mm)]
    for row in radial:
        weight = (1.0 if row.gross else row.section.weight) + 0.2
        span = row.start, row.end
        if row.mm is not None:
            yield Candidate("crm_mm", row.mm, *span, weight + 0.3, 0.85, "mm")
        elif row.status in {"involved", "free"}:
            value = "positive" if row.status == "involved" else "negative"
            yield Candidate("crm_status", value, *span, weight, 0.85)
    near = [row for row in radial if _is_involved_by_distance(row)]
    if (
        near
        and organ in _CRM_ORGANS
        and not _crm_conflict([r for r in rows if _is_radial(reading, r)])
    ):
        row = near[0]
        yield Candidate("crm_status", "positive", row.start, row.end, row.section.weight, 0.85)


def _is_radial(reading: Reading, row: Row) -> bool:
    if row.radial or row.mm is not None or row.edges:
        return row.radial
    left, right = reading.clause(row.start, row.end)
    around = reading.low[max(left, row.start - 40) : min(right, row.end + 10)]
    return RADIAL.search(around) is not None


def _is_far(mm: Value) -> bool:
    return isinstance(mm, int | float) and mm > _CRM_INVOLVED_MM


def _is_involved_by_distance(row: Row) -> bool:
    mm = row.mm.get("lt", row.mm.get("le", 99)) if isinstance(row.mm, dict) else row.mm
    return isinstance(mm, int | float) and mm <= _CRM_INVOLVED_MM and not row.gross


def _crm_conflict(radial: Sequence[Row]) -> tuple[Row, Row] | None:
    """A circumferential margin called free, and 1 mm or less from the tumour."""
    free = next((row for row in radial if row.mm is None and row.status == "free"), None)
    near = next((row for row in radial if _is_involved_by_distance(row)), None)
    return (free, near) if free and near else None
