"""A red flag on the command line: reported, taken by who says who they are, answered in words."""

from pathlib import Path

from tests.cli.test_cases import Terminal, iort, report

__all__ = ["iort", "report"]


def test_a_red_flag_is_reported_taken_and_answered(iort: Terminal, report: Path) -> None:
    ref = iort.json("case", "open", str(report))["ref"]
    iort("case", "report", ref, "red-flag", "--set", "words=she bleeds", code=1)
    iort("case", "report", ref, "red-flag", "--set", "symptom_codes=bleeding")
    (task,) = iort.json("tasks", "--case", ref, "--role", "clinician")
    assert (task["kind"], task["role"]) == ("call_patient_now", "team")
    number = str(task["task"])
    assert "Say who you are" in iort("do", number, "--choose", "take", code=1)
    assert iort.json("do", number, "--choose", "take", "--as", "lead")["stays_open"]
    blank = iort("do", number, "--choose", "reached", "--as", "lead", code=1)
    assert "Say who was reached" in blank and "--set reached=" in blank
    words = ("--set", "reached=caregiver", "--set", "said=they are at the hospital")
    done = iort.json("do", number, "--choose", "reached", *words, "--as", "clinician")
    assert not done["stays_open"]
    assert "they are at the hospital" not in iort("timeline", ref)
