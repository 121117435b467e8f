"""Sealing what was in clear rewrites no history: the chains hold before it, after it, and back."""

import re

from sqlalchemy import Engine, text

from settings import PROJECT_ROOT
from tests.platform.test_migrations import go
from tests.workflows.history.forging import look
from tests.workflows.playing import Play

MIGRATION = PROJECT_ROOT / "migrations" / "versions" / "2026_11_30_values_of_rows.py"
LETTERS = "SELECT string_agg(body, '' ORDER BY id) FROM message"


def test_history_is_verified_before_and_after_letters_are_sealed(
    story: Play, owner_engine: Engine
) -> None:
    found = re.search(r'^down_revision = "(\d+)"', MIGRATION.read_text(), re.MULTILINE)
    assert found
    here = look(story)
    told = [one.body for one in story.messages()]
    assert here.findings == [] and any("Dear" in body for body in told)
    with owner_engine.connect() as owner:
        go(owner, found.group(1), down=True)
        assert owner.scalar(text(LETTERS)) == "".join(told), "in clear, as they stood before"
        before = look(story)
        go(owner, "head")
        assert "Dear" not in str(owner.scalar(text(LETTERS)))
    after = look(story)
    for report in (before, after):
        assert (report.findings, report.notes) == ([], [])
        assert (report.events, report.links, report.heads) == (here.events, here.links, here.heads)
    assert [one.body for one in story.messages()] == told
