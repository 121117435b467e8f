"""From rows to one answer: which statements are final, which exclude each other."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from extractors.contradiction import Contradiction
from extractors.fields.margin_exceptions import exceptions
from extractors.fields.margin_rows import Row, is_further_tissue, row_at
from extractors.fields.margin_words import EDGE, edge_names
from extractors.fields.undecided import R_GOES_ON, is_undecided_residual
from extractors.gate import states_nothing
from extractors.patterns import rx
from extractors.reading import Reading

_RESIDUAL = rx(
    r"(?<![a-z0-9])r ?(?P<r>[012])(?= ?resection|\s?[.,;)]|"
    rf"\s*(?m:$)|\s\([^)\n]{{0,22}}\d\s?mm\b|{R_GOES_ON})"
)
_CLEAN = rx(
    r"\bbenign|\bno (?:\w++ ){0,4}(?:tumou?r|carcinoma|malignan\w+|dcis|cancer|neoplas\w+|"
    r"disease)|"
    r"negative for|free of|without (?:\w++ ){0,3}(?:tumou?r|carcinoma|malignan\w+)|unremarkable|"
    r"tumou?r[\s-]free|normal breast|fibroadipose tissue\b"
)
_SHAVE = rx(rf"\b{EDGE} (?:cavity |margin )?(?:shav\w+|re-?excision)(?: margin)? ?[:,-]")
_TUMOUR_THERE = rx(
    r"(?:residual|invasive|infiltrating) (?:\w++ ){0,3}(?:carcinoma|tumou?r)|ductal carcinoma|"
    r"\bdcis\b|adenocarcinoma|positive|involved|foc(?:us|i) of"
)
# Above this a distance beside an involved margin of the same edge excludes it (CAP, RCPath).
_TOUCHING_MM = 1.0


_CRM_ORGANS = frozenset({"rectum", "colon"})
_NOT_FINAL = frozenset({"gross", "clinical", "intraoperative"})


@dataclass(frozen=True, slots=True)
class Settled:
    """What the rows of one document come to.

    `status` is "positive", "negative", "close" or None, `because` the row that says so.
    `involved` are the final involved margins, `distances` the final rows with a distance. Of
    `contradictions` nothing is stated; of `asked` the distances stand, the status does not.
    """

    status: str | None
    because: Row | None
    involved: tuple[Row, ...] = ()
    distances: tuple[Row, ...] = ()
    contradictions: tuple[Contradiction, ...] = field(default=())
    asked: tuple[Contradiction, ...] = field(default=())


def settled(reading: Reading, rows: Sequence[Row], organ: str) -> Settled:
    """Settle `rows` of one document about `organ` (in-situ disease counts in the breast only).

    Where in-situ disease alone is at a margin, the in-situ margin is 0 mm and the closest one. Ink
    on DCIS is a positive margin (SSO-ASTRO 2014, J Clin Oncol 32:1507); where the page calls the
    margins free of invasive carcinoma (CAP has a line for each) no one word is the page's: the
    status is asked.
    """
    counted = {None, "invasive", "in_situ"} if organ == "breast" else {None, "invasive"}
    rows = [row for row in rows if row.component in counted]
    further = _further_tissue(reading)
    cleared = [*rows, *further]
    final = [row for row in rows if not _is_replaced(row, cleared)]
    involved = [row for row in final if row.status == "involved" and not row.gross]
    free = [row for row in final if row.status in {"free", "close"}]
    if len(final) < len(rows):
        free += further
    conflicts = _conflicts(reading, involved, free)
    distances = tuple(row for row in final if row.mm is not None)
    if conflicts:
        return Settled(None, None, (), distances, tuple(conflicts))
    if involved:
        best = max(involved, key=lambda row: (row.section.weight, -row.start))
        held = tuple(involved)
        if any(row.component != "in_situ" for row in involved):
            return Settled("positive", best, held, distances)
        clear = next((row for row in free if _clears_invasive(row)), None)
        if clear:
            asked = (_contradiction("only_in_situ_at_a_margin", best, clear),)
            return Settled(None, None, held, distances, asked=asked)
        return Settled("positive", best, held, distances)
    told = [(row.start, row.end) for row in final if row.mm is not None or row.status == "close"]
    excepted = next(exceptions(reading, told), None) if free else None
    if excepted:
        asked = (Contradiction("margin_status", "margins_with_exceptions", (excepted,)),)
        return Settled(None, None, (), distances, asked)
    if _residual(reading) in {"1", "2"}:
        return Settled(None, None, (), distances)
    near = [row for row in final if organ in _CRM_ORGANS and row.radial and _is_near(row)]
    if near:
        # Involved by distance: the CRM says so; "free" of the other edges is no status of all.
        return Settled(None, None, (), distances)
    status, because = _harmless(free)
    if organ == "pancreas" and because and _is_below(because.mm):
        # Clear by CAP, R1 by RCPath (below 1 mm): the distance is stated, no one word is.
        status = None
    return Settled(status, because, (), distances)


def _is_near(row: Row) -> bool:
    """Say whether the microscope saw tumour 1 mm or less from the edge (CAP, RCPath G049)."""
    mm = row.mm.get("lt", row.mm.get("le", 99)) if isinstance(row.mm, dict) else row.mm
    return isinstance(mm, int | float) and mm <= _TOUCHING_MM and not row.gross


def _clears_invasive(row: Row) -> bool:
    """Say whether a row calls the margins free of invasive carcinoma, or free as a whole."""
    if row.gross or row.scope == "other":
        return False
    whole = row.mm is None and not row.edges and row.component is None
    return whole or row.component == "invasive"


def _harmless(free: Sequence[Row]) -> tuple[str | None, Row | None]:
    """The status where no margin is involved: words before distances, close only if only close.

    What the naked eye saw gives none: a margin is judged under the microscope.
    """
    free = [row for row in free if not row.gross]
    worded = [row for row in free if row.mm is None]
    if worded and all(row.scope == "other" for row in worded):
        worded = []
        free = [row for row in free if row.mm is not None and row.scope != "other"]
    if not worded:
        best = max(free, key=lambda row: (row.section.weight, -row.start), default=None)
        # "Less than 1 mm" may be ink on tumour: the distance is stated, the status is not.
        open_ended = any(isinstance(row.mm, dict) and _is_below(row.mm) for row in free)
        return (None, None) if best is None or open_ended else ("negative", best)
    plain = [row for row in worded if row.status == "free"]
    best = max(plain or worded, key=lambda row: (row.section.weight, -row.start))
    narrow = [r for r in free if r.mm is not None and _is_below(r.mm)]
    if all(r.edges for r in plain) and any(r.edges and not _named(r.edges, plain) for r in narrow):
        return "close", narrow[0]
    return ("negative" if plain else "close"), best


def _named(edges: frozenset[str], rows: Sequence[Row]) -> bool:
    return any(edges & row.edges for row in rows)


def _is_below(mm: object) -> bool:
    """Say whether a distance is below 1 mm."""
    if isinstance(mm, dict):
        return "lt" in mm and mm["lt"] <= _TOUCHING_MM
    return isinstance(mm, int | float) and mm < _TOUCHING_MM


def _is_replaced(row: Row, rows: Sequence[Row]) -> bool:
    """Say whether later tissue of the same edge, found clear, answers for an involved one."""
    if row.later and row.scope != "edge":
        return False
    for other in rows:
        if other is row or not other.later or other.status not in {"free", "close"}:
            continue
        if other.start < row.start and other.section.name == row.section.name and not row.mm:
            continue
        if row.later and row.specimen == other.specimen:
            continue
        if row.side and other.side and row.side != other.side:
            continue
        if row.component and other.component and row.component != other.component:
            continue
        if row.status != "involved" and (row.mm is None or not row.edges):
            continue
        whole = not other.edges and other.scope == "all" and other.mm is None
        if (row.edges and row.edges <= other.edges) or (whole and row.status == "involved"):
            return True
    return False


def _further_tissue(reading: Reading) -> list[Row]:
    """Rows for specimens that are nothing but a new margin and hold no tumour."""
    found = list(_shaves(reading))
    specimens = reading.specimens
    for index, specimen in enumerate(specimens):
        if not is_further_tissue(specimen.title):
            continue
        end = specimens[index + 1].start if index + 1 < len(specimens) else len(reading.low)
        start = specimen.start
        body = reading.low[start + len(specimen.title) : min(end, start + 400)]
        head = re.split(r"\n\s*\n", body)[0]
        clean = _CLEAN.search(head)
        there = _TUMOUR_THERE.search(_CLEAN.sub(" ", head[:200]))
        edges = edge_names(specimen.title.lower())
        if clean and not there and edges:
            found.append(
                replace(
                    row_at(reading, start, start + 1, "free", edges=edges, scope="edge"), later=True
                )
            )
    return found


def _shaves(reading: Reading) -> Iterator[Row]:
    """Rows for "Deep shave: no residual tumour" within a report's text."""
    for match in _SHAVE.finditer(reading.low):
        rest = reading.low[match.end() : match.end() + 80].split(".")[0]
        if _CLEAN.search(rest) and not _TUMOUR_THERE.search(_CLEAN.sub(" ", rest)):
            edges = edge_names(match[0])
            yield row_at(
                reading, match.start(), match.end(), "free", edges=edges, scope="edge", later=True
            )


def _conflicts(
    reading: Reading, involved: Sequence[Row], free: Sequence[Row]
) -> list[Contradiction]:
    found = []
    for one in involved:
        for two in free:
            if _excludes(one, two):
                found.append(_contradiction("margin_involved_and_free", one, two))
                break
            if two.later and not one.later and not two.edges and two.mm is None:
                found.append(_contradiction("later_tissue_without_an_edge", one, two))
                break
    place = _residual_at(reading)
    against = _against_residual(place["r"], involved, free) if place else None
    if place and against:
        spans = sorted([place.span(), (against.start, against.end)])
        found.append(Contradiction("residual", "residual_and_margin", tuple(spans)))
    return found


def _residual_at(reading: Reading) -> re.Match[str] | None:
    """The pathologist's R0, R1 or R2, the last one of the report."""
    found = None
    for match in _RESIDUAL.finditer(reading.low):
        shut = states_nothing(reading, *match.span()) or is_undecided_residual(
            reading.low, *match.span()
        )
        if not shut and reading.section_at(match.start()).name not in _NOT_FINAL:
            found = match
    return found


def _residual(reading: Reading) -> str | None:
    place = _residual_at(reading)
    return place["r"] if place else None


def _against_residual(digit: str, involved: Sequence[Row], free: Sequence[Row]) -> Row | None:
    """The statement that an R0 or R1 of the same report excludes (R1 may mean 1 mm or less)."""
    if digit == "0":
        return next((row for row in involved if row.component != "in_situ"), None)
    if (
        digit == "2"
        or involved
        or any(row.mm is not None and _least(row.mm) <= _TOUCHING_MM for row in free)
    ):
        return None
    whole = [r for r in free if r.mm is None and not r.edges and r.scope != "other" and not r.gross]
    return next((r for r in whole if r.scope == "all"), whole[0] if whole else None)


def _contradiction(reason: str, one: Row, two: Row) -> Contradiction:
    spans = tuple(sorted([(one.start, one.end), (two.start, two.end)]))
    return Contradiction("margin_status", reason, spans)


def _excludes(one: Row, two: Row) -> bool:
    """Say whether an involved and a free statement cannot both be true."""
    if two.gross or two.scope == "other" or (two.start < one.end and one.start < two.end):
        return False
    if one.side and two.side and one.side != two.side:
        return False
    if two.later and not one.later:
        return False
    if one.component and two.component and one.component != two.component:
        return False
    if one.component == "in_situ" and two.component is None:
        return False
    if two.component == "in_situ" and one.component is None:
        return False
    if one.edges and two.edges:
        if not one.edges & two.edges:
            return False
    elif two.edges and (two.scope == "edge" or two.mm is None):
        # "Margins: positive. The deep margin is free": another edge than the involved one.
        return False
    if two.mm is not None:
        return _least(two.mm) > _TOUCHING_MM and (bool(two.edges) or two.scope == "closest")
    return True


def _least(mm: object) -> float:
    if isinstance(mm, dict):
        return float(next((v for k, v in mm.items() if k in {"gt", "ge"}), 0.0))
    return float(mm) if isinstance(mm, int | float) else 0.0
