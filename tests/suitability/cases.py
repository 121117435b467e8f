"""The 61 worked cases, those of the later rules, and the bases they start from."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from suitability import Library, Screening, load_library, parse_findings, screen
from suitability.standing import DRAFT, StandingSet

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
_FILE = Path(__file__).with_name("vignettes.yaml")


@lru_cache(maxsize=1)
def library() -> Library:
    return load_library(PLAYBOOKS)


@lru_cache(maxsize=1)
def worked() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def corrected() -> list[dict[str, Any]]:
    """The worked cases of the later rules, in the form of the 61."""
    loaded = yaml.safe_load(_FILE.with_name("corrections.yaml").read_text(encoding="utf-8"))
    cases: list[dict[str, Any]] = loaded["cases"]
    return cases


def base(name: str, **changes: Any) -> dict[str, Any]:
    """Findings of a base; `breast__er=...` sets `breast.er`, a value of `...` removes it."""
    findings = dict(worked()["bases"][name])
    for key, value in changes.items():
        field = key.replace("__", ".")
        if value is ...:
            findings.pop(field, None)
        else:
            findings[field] = value
    return findings


def findings_of(case: dict[str, Any]) -> dict[str, Any]:
    findings = {**worked()["bases"][case["base"]], **case.get("findings", {})}
    for name in case.get("remove", []):
        findings.pop(name, None)
    return findings


def run(raw: dict[str, Any], phase: str = "preop") -> Screening:
    parsed = parse_findings(raw, library())
    return screen(parsed, phase="postop" if phase == "postop" else "preop", library=library())


def drafts_of(result: Screening) -> list[StandingSet]:
    """The sets of a result as they stand while nobody has approved one."""
    sets = library().sets
    return [
        StandingSet(name, one["version"], one["sha256"], sets[name].title, DRAFT)
        for name, one in result.set_versions.items()
    ]


def output(raw: dict[str, Any], phase: str = "preop") -> dict[str, Any]:
    return run(raw, phase).to_json()


def status(raw: dict[str, Any], criterion: str, phase: str = "preop") -> Any:
    return output(raw, phase)["criteria"][criterion]
