"""Random finding sets over the whole vocabulary: missing, ranges, conflicts, ranks, sources."""

from typing import Any

from hypothesis import strategies as st

from suitability.criteria import SITES
from suitability.values import Interval
from suitability.vocabulary import Field
from suitability.what_if import regions
from tests.suitability.cases import library, worked

VOCABULARY = library().vocabulary
USED = [name for name, field in VOCABULARY.fields.items() if field.used and name != "disease.site"]
SOURCES = list(VOCABULARY.source_rank)
PREFIXES = {
    "breast": ("breast.",),
    "pancreas": ("panc.",),
    "rectum_primary": ("rect.", "pelv."),
    "pelvic_recurrence": ("pelv.", "rect."),
    "gyn_recurrence": ("pelv.",),
    "stomach": ("gast.",),
    "retroperitoneum": ("rps.",),
    "other": (),
}
SHARED = ("patient.", "disease.", "surgery.", "rt.", "centre.")
BASE_OF = {
    "breast": ["low_risk_breast", "post_breast"],
    "pancreas": ["pancreas_borderline"],
    "rectum_primary": ["rectal_locally_advanced"],
    "pelvic_recurrence": ["pelvic_recurrent"],
    "gyn_recurrence": ["gyn_rec"],
    "stomach": ["gastric_la"],
    "retroperitoneum": ["rps"],
}


def _points(field: Field) -> list[int | float]:
    low = field.minimum if field.minimum is not None else 0
    high = field.maximum if field.maximum is not None else 1000
    found: set[int | float] = set()
    for region in regions(field, library()):
        ends = [region.low, region.high] if isinstance(region, Interval) else [region]
        for end in ends:
            if isinstance(end, int | float):
                found |= {end, end - 1, end + 1, end - 0.1, end + 0.1, end + 0.01}
    return sorted(point for point in found if low <= point <= high)


POINTS = {
    name: _points(VOCABULARY.fields[name])
    for name in USED
    if VOCABULARY.fields[name].type == "number"
}


@st.composite
def ranges(draw: st.DrawFn, points: list[int | float]) -> dict[str, int | float]:
    first, second = draw(st.sampled_from(points)), draw(st.sampled_from(points))
    low, high = min(first, second), max(first, second)
    shape = draw(st.sampled_from(["lt", "le", "gt", "ge", "both"]))
    if shape != "both" or low == high:
        return {"ge" if shape == "both" else shape: first}
    return {draw(st.sampled_from(["gt", "ge"])): low, draw(st.sampled_from(["lt", "le"])): high}


def values(name: str, *, ranged: bool = True) -> st.SearchStrategy[Any]:
    field = VOCABULARY.fields[name]
    if field.type == "bool":
        return st.booleans()
    if field.type == "enum":
        return st.sampled_from(field.values)
    if field.type == "set":
        return st.lists(st.sampled_from(field.values), unique=True, min_size=1)
    exact = st.sampled_from(POINTS[name])
    return st.one_of(exact, exact, ranges(POINTS[name])) if ranged else exact


@st.composite
def observed(draw: st.DrawFn, name: str) -> Any:
    """One plain value, one sourced one, or several documents."""
    how_many = draw(st.sampled_from([0, 0, 0, 1, 2, 3]))
    if how_many == 0 and VOCABULARY.fields[name].type != "set":
        return draw(values(name))
    return [
        {
            "value": draw(values(name)),
            "source": draw(st.sampled_from(SOURCES)),
            "document_id": str(place),
        }
        for place in range(max(how_many, 1))
    ]


@st.composite
def finding_sets(draw: st.DrawFn, sites: tuple[str, ...] = (*SITES, "other")) -> dict[str, Any]:
    """A base of the site with changes, or fields at random; always a stated site."""
    site = draw(st.sampled_from(sites))
    prefixes = (*PREFIXES[site], *SHARED)
    names = [name for name in USED if name.startswith(prefixes)]
    findings: dict[str, Any] = {}
    if site in BASE_OF and draw(st.booleans()):
        findings.update(worked()["bases"][draw(st.sampled_from(BASE_OF[site]))])
        for name in draw(st.lists(st.sampled_from(sorted(findings)), max_size=4, unique=True)):
            del findings[name]
        changed = draw(st.lists(st.sampled_from(names), max_size=6, unique=True))
    else:
        changed = draw(st.lists(st.sampled_from(names), max_size=len(names), unique=True))
    for name in changed:
        findings[name] = draw(observed(name))
    findings["disease.site"] = site
    return findings


PHASES = st.sampled_from(["preop", "postop"])
