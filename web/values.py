"""Findings' values as a person reads and types them."""

from collections.abc import Mapping
from typing import Any

from views.shown import ShownFinding
from workflows.engine.words import in_words


def finding_key(finding: ShownFinding) -> str:
    """Return how `decide` names one finding of a document that may state its field twice."""
    return f"{finding.field}#{finding.id}"


def shown_value(value: Any) -> str:
    """Return a finding's value as a person types and reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        signs = {"lt": "<", "le": "≤", "gt": ">", "ge": "≥"}
        return " ".join(f"{signs.get(key, key)} {number}" for key, number in value.items())
    if isinstance(value, list):
        return ", ".join(shown_value(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "–" if value is None else str(value)


def read_value(value: Any, unit: str | None = None) -> str:
    """Return a finding's value with its unit as a person reads it, codes in words."""
    shown = in_words(shown_value(value))
    return f"{shown} {'%' if unit == 'percent' else unit}" if unit else shown
