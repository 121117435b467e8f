"""`iort demo` as a user runs it: everything starts, three cases are played, everything stops."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.embedded.child import leftovers
from local.embedded.servers import instance_name
from settings import PROJECT_ROOT


@pytest.mark.servers
@pytest.mark.timeout(420)
def test_three_cases_are_played_and_nothing_is_left_running(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli", "demo"],
        cwd=PROJECT_ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "IORT_VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    var = tmp_path / "demo"
    assert done.returncode == 0, done.stderr
    assert "A reminder was sent" in done.stdout
    assert "Closed: no option" in done.stdout
    assert "./iort case open my.pdf" in done.stdout
    assert leftovers(instance_name(var)) == []

    made = var / "made"
    cases = sorted(path for path in made.iterdir() if path.is_dir())
    assert len(cases) == 3
    for case in cases:
        timeline = json.loads((case / "timeline.json").read_text())
        assert [event["seq"] for event in timeline] == list(range(1, len(timeline) + 1))
        assert all(event["rehearsal"] for event in timeline)
        findings = json.loads((case / "findings.json").read_text())["findings"]
        read = [f for f in findings if f["extractor_version"] != "by-hand"]
        assert read and all(finding["quote"] and finding["page"] for finding in read)
        assert list((case / "letters").glob("*.eml"))
    checklists = [json.loads((c / "travel-checklist.json").read_text()) for c in cases[:2]]
    assert all(len(items) > 20 for items in checklists)
    assert all((c / "follow-up-plan.json").exists() for c in cases[:2])
    with (made / "all-timelines.csv").open() as file:
        assert {row["Rehearsal"] for row in csv.DictReader(file)} <= {"1", "true", "True", "yes"}
