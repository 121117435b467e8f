"""Findings in the names and values of registries, through a map that is data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pydantic import Field

from extractors.types import Finding, Value
from playbook_reader import Strict, parse, scalar_of

# Where a document holds an old and an amended value, the amended one is the registry's.
_AMENDED = "amended_report"


class Refinement(Strict):
    """A sub-category that follows from another finding where the report gives the main one only.

    For reports of `organs` whose value is `value`: with one of `by` between `low` and `high` (both
    included) the registry's value is `then`.
    """

    organs: tuple[str, ...]
    value: str
    by: tuple[str, ...]
    low: float
    high: float
    then: str


class _Row(Strict):
    sources: tuple[str, ...] = Field(alias="from", min_length=1)
    values: dict[str, str | int | float | bool] = Field(default_factory=dict)
    scale: float = 1.0
    only: bool = False
    refine: tuple[Refinement, ...] = ()


class _Map(Strict):
    fields_: dict[str, _Row] = Field(alias="fields")


@dataclass(frozen=True, slots=True)
class Column:
    """One registry field: the findings it is read from and how values are translated."""

    name: str
    sources: tuple[str, ...]
    values: Mapping[object, object]
    scale: float
    only: bool
    refine: tuple[Refinement, ...] = ()


def parse_registry(text: str) -> tuple[Column, ...]:
    """Read the map of `playbooks/vocabularies/registry.yaml`; PlaybookError when it is malformed.

    A key of `values` is a finding's value: 1 the number, true the truth value, other words texts.
    """
    rows = parse(text, "vocabularies/registry.yaml").validate(_Map).fields_
    return tuple(
        Column(
            name,
            row.sources,
            {scalar_of(key): value for key, value in row.values.items()},
            row.scale,
            row.only,
            row.refine,
        )
        for name, row in rows.items()
    )


def to_registry(findings: Iterable[Finding], columns: Iterable[Column]) -> dict[str, object]:
    """Return `{registry field: value}` for what the findings state; the rest is left out."""
    stated: dict[str, Value] = {}
    for finding in findings:
        if finding.field not in stated or finding.source == _AMENDED:
            stated[finding.field] = finding.value
    fields: dict[str, object] = {}
    for column in columns:
        source = next((name for name in column.sources if name in stated), None)
        if source is None:
            continue
        value = _translate(stated[source], column)
        for rule in column.refine:
            if value == rule.value and stated.get("tumour.organ") in rule.organs:
                value = rule.then if _within(stated, rule) else value
        if value is not None:
            fields[column.name] = value
    return fields


def _within(stated: Mapping[str, Value], rule: Refinement) -> bool:
    measure = next((stated[name] for name in rule.by if name in stated), None)
    return isinstance(measure, int | float) and rule.low <= measure <= rule.high


def _translate(value: Value, column: Column) -> object | None:
    if isinstance(value, dict):
        value = _one_number(value)
    if value in column.values:
        return column.values[value]
    if column.only:
        return None
    if column.scale != 1.0 and isinstance(value, int | float):
        return round(value * column.scale, 3)
    return value


def _one_number(interval: Mapping[str, float]) -> float:
    """Return the number that stands for an interval: its upper end, just inside an open one."""
    if "le" in interval:
        return interval["le"]
    if "lt" in interval:
        return interval["lt"] * 0.99
    return interval["gt"] * 1.01 if "gt" in interval else interval["ge"]
