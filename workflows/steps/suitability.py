"""Suitability: screens what people confirmed. Whatever comes out goes to a clinician."""

from workflows.assessments import assess, assessed_payload
from workflows.work import Unit


def screen_case(unit: Unit) -> None:
    """Screen before surgery; the result orders the clinicians' list and decides nothing."""
    if unit.case.state == "PRE_SCREEN":
        _screen(unit, "preop")


def recheck_case(unit: Unit) -> None:
    """Make a new result on the final pathology against the post-operative set."""
    _screen(unit, "postop")


def _screen(unit: Unit, phase: str) -> None:
    assessment, _ = assess(unit.session, unit.world, unit.case, phase, unit.now)
    payload = assessed_payload(assessment)
    unit.record("suitability.assessed", payload, {"assessment_id": payload["assessment_id"]})
