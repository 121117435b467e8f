"""A hold on a decided erasure: placed and released at the console, between any two of its parts."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cli.main import run
from models import Erasure
from tests.web.parts import Visitor, seen
from tests.workflows.playing import Play
from tests.workflows.retention.test_erasing import decided, erasure, looked, run_out, stopped
from workflows.retention import erasing
from workflows.retention.erasing import PARTS

Visit = Callable[..., Visitor]


def page_of(play: Play) -> str:
    return f"/cases/{play.case.ref}/consent"


def held(play: Play, who: Visitor, days: int = 30, reason: str = "legal_claim") -> Any:
    until = (play.clock.now() + timedelta(days=days)).date().isoformat()
    form = {"reason": reason, "until": until}
    return who.send(f"/cases/{play.case.ref}/erasure/hold", form, page_of(play))


def released(play: Play, who: Visitor, **form: str) -> Any:
    """Answer the form as it stands on the page now, which says which hold it is about."""
    hold = re.search(r'name="hold" value="([^"]*)"', who.get(page_of(play)).text)
    form = {"hold": hold[1] if hold else "", **form}
    return who.send(f"/cases/{play.case.ref}/erasure/go-on", form, page_of(play))


def now(play: Play) -> Erasure:
    found = erasure(play)
    assert found is not None
    return found


def test_a_hold_before_the_beginning_stands_until_a_lead_releases_it(
    visit: Visit, play: Play
) -> None:
    stopped(play)
    coordinator, lead = visit("coordinator"), visit("lead")
    assert "Hold the erasure" not in seen(coordinator.get(page_of(play)).text)
    assert held(play, coordinator).status_code == 422, "nothing is decided"
    decided(play)
    for blank in ({}, {"reason": "legal_claim"}, {"until": "2099-01-01"}, {"reason": "because"}):
        where = f"/cases/{play.case.ref}/erasure/hold"
        assert coordinator.send(where, blank, page_of(play)).status_code == 422
    assert held(play, coordinator, days=0).status_code == 422, "the day lies ahead"
    assert play.events("data.erasure_held") == [] and now(play).hold_reason is None
    assert held(play, coordinator).status_code == 303
    shown = seen(coordinator.get(page_of(play)).text)
    assert "Held by" in shown and "a claim is made, or is expected" in shown
    assert "Release it" not in shown and "Release it" in seen(lead.get(page_of(play)).text)
    looked(play, days=20)
    assert play.case.erased_at is None and now(play).parts == {}
    # Who asked is told why their data stay.
    assert any("because a claim is made" in one.body for one in play.messages(template="M38"))
    # On its day a lead is asked, once; no day releases anything.
    looked(play, days=11)
    looked(play)
    (task,) = [one for one in play.tasks() if one.kind == "review_hold"]
    assert task.role == "lead"
    looked(play, days=60)
    assert play.case.erased_at is None
    assert released(play, coordinator, sure="yes").status_code == 403
    assert released(play, lead).status_code == 422, "the box is not ticked"
    assert released(play, lead, sure="yes").status_code == 303
    assert [one.kind for one in play.tasks() if one.kind == "review_hold"] == []
    assert released(play, lead, sure="yes").status_code == 422, "once"
    assert run_out(play).done_at is not None


@pytest.mark.parametrize("after", ["closed", "cleared", "told"])
def test_a_hold_stops_it_after_each_part_and_released_it_goes_on(
    visit: Visit, play: Play, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped(play)
    decided(play)
    lead = visit("lead")
    finish = erasing._done

    def stop_here(unit: Any, found: Erasure, name: str) -> None:
        finish(unit, found, name)
        if name == after and found.hold_reason is None:
            # Somebody places the hold while the worker finishes this part: it waits for the row.
            found.hold_reason, found.hold_until = "authority", unit.now.date()
            found.held_by, found.held_at = "c1", unit.now

    with monkeypatch.context() as patched:
        patched.setattr(erasing, "_done", stop_here)
        for _ in range(4):
            looked(play, minutes=31)
    done = list(PARTS[: PARTS.index(after) + 1])
    assert sorted(now(play).parts) == sorted(done) and now(play).done_at is None
    before = now(play).objects
    looked(play, days=3)
    assert sorted(now(play).parts) == sorted(done) and now(play).objects == before
    shown = seen(lead.get(page_of(play)).text)
    assert "are being erased" in shown and "the rest waits" in shown
    (task,) = [one for one in play.tasks() if one.kind == "review_hold"]
    assert "does the reason still stand" in seen(lead.get(f"/tasks/{task.id}").text)
    until = (play.clock.now() + timedelta(days=9)).date().isoformat()
    play.answer("review_hold", "stands", keep_reason="authority", keep_until=until)
    looked(play, days=8)
    assert now(play).done_at is None
    looked(play, days=2)
    play.answer("review_hold", "ended", "the authority has closed its file")
    assert run_out(play).done_at is not None
    assert "Hold the erasure" not in seen(lead.get(page_of(play)).text)
    assert held(play, lead).status_code == 422, "nothing is left to hold"
    types = [one.type for one in play.events() if one.type.startswith("data.")]
    assert types[-2:] == ["data.erasure_released", "data.erased"]


def test_a_hold_at_the_terminal(play: Play, capsys: pytest.CaptureFixture[str]) -> None:
    stopped(play)
    decided(play)
    hold = ["case", "hold-erasure", play.case.ref, "--because", "complaint", "--until"]
    assert run([*hold, "tomorrow"], "case") == 1
    assert run([*hold, "2099-01-01"], "case") == 0
    assert now(play).hold_reason == "complaint"
    assert run(["case", "release-erasure", play.case.ref], "case") == 1
    assert run(["case", "release-erasure", play.case.ref, "--sure"], "case") == 0
    assert now(play).hold_reason is None
    assert "released" in capsys.readouterr().out
