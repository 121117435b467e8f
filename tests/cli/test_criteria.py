"""`iort criteria` on a running system: looking, approving, withdrawing; what is refused."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.clock import FixedClock
from local.rehearsal.people import SIGNER
from models import Assessment, AuditEntry, CriteriaAct
from settings import Settings, get_settings
from suitability.approval import to_confirm
from tests.cli.test_cases import Terminal
from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play, add_hospitals
from tests.workflows.screening.sets import TARGIT, new_version, own_playbooks
from workflows.engine.world import World

WHO = tuple(word for name, value in SIGNER.items() for word in ("--set", f"{name}={value}"))


@pytest.fixture
def iort(
    settings: Settings,
    storage: Any,
    clock: FixedClock,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Terminal:
    assert os.environ["IORT_DATABASE_URL"] == settings.database_url
    world = World(settings, clock=clock)
    world.bucket = storage
    folder = own_playbooks(world, tmp_path)
    monkeypatch.setenv("IORT_PLAYBOOKS_DIR", str(folder))
    get_settings.cache_clear()
    add_hospitals(world)
    return Terminal(capsys, world)


@pytest.fixture
def weighed(iort: Terminal, clock: FixedClock) -> Play:
    play = Play(iort.world, clock)
    to_clinician(play)
    return play


@pytest.fixture
def stricter(iort: Terminal) -> Callable[[], None]:
    """Put a stricter limit of TARGIT-A on the disk, as a new version."""
    folder = iort.world.playbooks.folder
    return lambda: new_version(folder, "op: le, value: 35", "op: le, value: 11")


def test_what_a_changed_set_would_change_is_shown_and_nothing_is_written(
    iort: Terminal, weighed: Play, stricter: Callable[[], None]
) -> None:
    assert iort.json("criteria", "impact")["counts"]["changed"] == 0
    stricter()
    before = [row.model_dump() for row in iort.rows(Assessment)]
    told = iort.json("criteria", "impact")
    assert told["counts"] == {
        "results": 1, "same": 0, "changed": 1, "outcome": 0, "signed": 0, "not_compared": 0
    }  # fmt: skip
    (row,) = told["changed"]
    assert (row["case"], row["result"], row["phase"]) == (weighed.case.ref, 1, "preop")
    assert row["before"] == row["after"] == "needs_information"
    assert row["sets"] == [{"set": TARGIT, "before": "needs_info", "after": "outside"}]
    assert row["criteria"] == [
        {"criteria_set": TARGIT, "criterion": "TA-04", "before": "met", "after": "not_met",
         "alone": False}
    ]  # fmt: skip
    assert [row.model_dump() for row in iort.rows(Assessment)] == before
    table = iort("criteria", "impact", TARGIT)
    assert "TA-04: met -> not_met" in table and "--set look=" in table
    assert weighed.case.ref in table and "Rosa" not in table + json.dumps(told)
    assert iort.rows(AuditEntry) == [] or all(
        not row.action.startswith("criteria.") for row in iort.rows(AuditEntry)
    )


def test_a_file_and_an_older_version_are_looked_at_too(
    iort: Terminal, weighed: Play, tmp_path: Path
) -> None:
    text = (iort.world.playbooks.folder / "criteria" / f"{TARGIT}.yaml").read_text("utf-8")
    file = tmp_path / "draft.yaml"
    file.write_text(text.replace("op: le, value: 35", "op: le, value: 11"), encoding="utf-8")
    assert iort.json("criteria", "impact", str(file))["counts"]["changed"] == 1
    old = iort.json("criteria", "impact", f"{TARGIT}@0.1.0")
    assert old["sets"][0]["version"] == "0.1.0" and old["counts"]["results"] == 1
    assert iort.json("criteria", "impact", f"{TARGIT}@0.2.0")["counts"]["changed"] == 0
    for odd, words in (
        (f"{TARGIT}@9.9.9", "has no version 9.9.9; released are: 0.1.0"),
        ("nowhere.yaml", "neither a set nor a file"),
        ("no_set@0.1.0", "neither a set nor a file"),
    ):
        assert words in iort("criteria", "impact", odd, code=1)
    file.write_text(text.replace("op: le, value: 35", "op: lte, value: 35"), encoding="utf-8")
    line = text[: text.index("op: le, value: 35")].count("\n") + 1
    refused = iort("criteria", "impact", str(file), code=1)
    assert f"draft.yaml:{line}: " in refused and "lte" in refused
    file.write_bytes(b"\xff\xfe")
    assert "not UTF-8" in iort("criteria", "impact", str(file), code=1)


def test_a_refused_file_on_disk_is_told_with_its_line(iort: Terminal) -> None:
    path = iort.world.playbooks.folder / "criteria" / f"{TARGIT}.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("src: [TARGITREG, TARGIT2014], ask", "src: [], ask"), "utf-8")
    for words in (("impact",), ("approve", TARGIT, "0.2.0")):
        assert f"{TARGIT}.yaml:" in iort("criteria", *words, code=1)


def test_a_refusal_says_what_to_add_until_it_is_approved(iort: Terminal, weighed: Play) -> None:
    words: tuple[str, ...] = ("criteria", "approve", TARGIT, "0.2.0")
    assert "Only a clinician approves" in iort(*words, "--as", "coordinator", code=1)
    assert "--set look=MARK" in iort(*words, code=1)
    look = iort.json("criteria", "impact", TARGIT)["look"]
    words = (*words, "--set", f"look={look}")
    ticks = ",".join(to_confirm(iort.world.playbooks.criteria.sets[TARGIT]))
    assert f"--set seen={ticks}" in iort(*words, code=1)
    words = (*words, "--set", f"seen={ticks}")
    assert "--set signer_name=" in iort(*words, code=1)
    assert iort.rows(CriteriaAct) == []
    done = iort.json(*words, *WHO, "--as", "clinician:ada")
    assert (done["set_id"], done["version"], done["act"]) == (TARGIT, "0.2.0", "approved")
    assert SIGNER["signer_name"] not in json.dumps(done)
    (act,) = iort.rows(CriteriaAct)
    assert act.actor_ref == "cli:ada" and act.sha256 == done["sha256"]
    assert "approved already" in iort(*words, *WHO, code=1)
    assert f"approved by {SIGNER['signer_name']}" in iort("criteria", "status")
    rows = {row["id"]: row for row in iort.json("criteria", "status")}
    assert rows[TARGIT]["state"] == "approved" and rows["breast_eliot"]["state"] == "draft"
    assert "is not loaded" in iort("criteria", "approve", TARGIT, "0.1.0", code=1)


def test_a_mark_of_another_text_approves_nothing(
    iort: Terminal, weighed: Play, stricter: Callable[[], None]
) -> None:
    look = iort.json("criteria", "impact", TARGIT)["look"]
    stricter()
    words = ("criteria", "approve", TARGIT, "0.3.0", "--set", f"look={look}", *WHO)
    assert "is not what you looked at" in iort(*words, code=1)
    assert iort.rows(CriteriaAct) == []


def test_a_withdrawal_is_told_at_the_terminal(iort: Terminal, weighed: Play) -> None:
    shown = iort("case", "show", weighed.case.ref)
    drafts = shown.split("draft criteria, not approved by a clinician: ")[1].split("\n")[0]
    assert TARGIT in drafts.split(", ")
    words = ("criteria", "withdraw", TARGIT, "0.2.0", *WHO)
    assert "--reason TEXT" in iort(*words, code=1)
    assert "Only a clinician" in iort(*words, "--reason", "wrong", "--as", "lead", code=1)
    done = iort.json(*words, "--reason", "the limit was read wrongly")
    assert (done["act"], done["cases"]) == ("withdrawn", 1)
    assert "withdrawn already" in iort(*words, "--reason", "again", code=1)
    ahead = datetime.now(UTC) - weighed.clock.now()  # the command goes by the real clock
    weighed.clock.move(max(ahead, timedelta()) + timedelta(minutes=1))
    weighed.run()
    shown = iort("case", "show", weighed.case.ref)
    assert f"WITHDRAWN criteria behind it: {TARGIT}; it was not weighed again" in shown
    told = iort.json("case", "show", weighed.case.ref)["suitability"]
    assert told["withdrawn_sets"] == [TARGIT] and TARGIT not in told["draft_sets"]
    assert "A criteria set behind the result was withdrawn" in iort("timeline", weighed.case.ref)
    (task,) = [
        task
        for task in iort.json("tasks", "--case", weighed.case.ref)
        if task["kind"] == "settle_withdrawn_set"
    ]
    number = str(task["task"])
    assert "--reason TEXT" in iort("do", number, "--choose", "keep", code=1)
    iort("do", number, "--choose", "keep", "--reason", "far from the limit")
    assert "There is no set" not in iort("criteria", "status")
    assert "was ever released" in iort(
        "criteria", "withdraw", TARGIT, "7.7.7", *WHO, "--reason", "never in use", code=1
    )
    assert "was ever released" in iort(
        "criteria", "withdraw", "no_set", "0.1.0", *WHO, "--reason", "never in use", code=1
    )
