"""What `console.py` measures: kinds of pages, and the figures of each."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of page: who looks, and the addresses to ask for in turn."""

    name: str
    role: str
    paths: Sequence[str]
    after_change: bool = False
    """Whether a fact is written before every request, so that nothing counted before is of use."""


@dataclass
class Figures:
    """What one kind of page showed; times in milliseconds."""

    page_ms: list[list[float]] = field(default_factory=list)
    sql_ms: list[list[float]] = field(default_factory=list)
    cpu_seconds: float = 0.0
    """Of the web process and PostgreSQL together, while they worked on the pages."""
    statements: int = 0
    view_bytes: int = 0

    def summary(self) -> dict[str, Any]:
        """Return percentiles, the ratio to the plain SQL, and the weight of a first view."""
        pages = [value for values in self.page_ms for value in values]
        alone = [value for values in self.sql_ms for value in values]
        ratios = [
            statistics.median(a) / statistics.median(b)
            for a, b in zip(self.page_ms, self.sql_ms, strict=True)
        ]
        return {
            **{f"p{part}_ms": _percentile(pages, part) for part in (50, 95, 99)},
            "sql_p50_ms": _percentile(alone, 50),
            "sql_p95_ms": _percentile(alone, 95),
            "ratio": round(statistics.median(ratios), 2),
            "cpu_ms": round(self.cpu_seconds / len(pages) * 1000, 1),
            "statements": self.statements,
            "requests": len(pages),
            "first_view_kb": round(self.view_bytes / 1000, 1),
        }


def _percentile(values: Sequence[float], part: int) -> float:
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, len(ordered) * part // 100)], 1)
