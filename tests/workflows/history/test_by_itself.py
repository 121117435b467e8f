"""History is signed and looked at by itself; a finding is a lead's question."""

import hashlib
import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session
from typer.testing import CliRunner

from accounts.audit import note
from cli.doctor_database import database_checks
from cli.main import build, run
from models import SignedHead
from models.database import transaction
from models.evidence import FORMS
from settings import Settings
from tests.workflows.history.forging import (
    CHECK,
    LOOK,
    SIGN,
    by_itself,
    erase_rows,
    forge,
    look,
    said,
)
from tests.workflows.playing import Play
from workflows.history import steps
from workflows.history.checking import signers
from workflows.history.heads import BEGINNING, Signer, since_full

CHANGED = 'UPDATE case_event SET payload = \'{"outcome": "not_suitable"}\' WHERE seq = 20'


def asked(play: Play) -> list[tuple[str, int | None, str]]:
    return [(t.role, t.case_id, t.detail or "") for t in play.tasks() if t.kind == LOOK]


def doctor(settings: Settings) -> str:
    (ask,) = (ask for name, ask, _ in database_checks() if name == "history")
    try:
        return "ok: " + ask(settings)
    except Exception as unwell:  # a sentence in either case
        return str(unwell)


def test_a_finding_is_asked_of_a_lead_once_and_shown_by_the_doctor(
    story: Play, settings: Settings
) -> None:
    by_itself(story, CHECK)
    assert asked(story) == []
    assert doctor(settings).startswith("ok: ")
    forge(story, CHANGED)
    for _ in range(2):
        by_itself(story, CHECK)
        assert asked(story) == [("lead", story.case_id, "changed")], "asked once"
    assert "./iort audit verify" in doctor(settings)
    story.answer(LOOK, "explained", "Restored from the backup of the 29th.")
    by_itself(story, CHECK)
    assert asked(story) == [], "what was explained is not asked about again"
    with Session(story.world.engine) as session:
        counts = session.execute(text("SELECT jsonb_array_length(findings) FROM history_check"))
        assert sorted(counts.scalars()) == [0, 1, 1, 1]


def test_the_command_says_where_and_ends_with_one(story: Play) -> None:
    done = CliRunner().invoke(build("audit"), ["audit", "verify"])
    assert done.exit_code == 0 and "1 cases" in done.output
    forge(story, CHANGED)
    assert run(["audit", "verify"], "audit") == 1
    told = CliRunner().invoke(build("audit"), ["audit", "verify", "--json"]).stdout
    (found,) = json.loads(told)["findings"]
    assert found["says"].startswith(f"case {story.case.ref}: event 20 is not as it was written")


def test_heads_are_signed_once_for_what_went_on_and_lie_in_the_object_store(story: Play) -> None:
    by_itself(story, SIGN)
    with Session(story.world.engine) as session:
        heads = since_full(session)
        assert [head.no for head in heads] == [1] and heads[0].is_full
    keys = list(story.world.storage.older(BEGINNING, story.clock.now() + timedelta(days=9999)))
    assert len(keys) == 1 and keys[0].startswith("heads/0000000001-")
    note_somebody(story)
    by_itself(story, SIGN)
    assert look(story).heads == 2 and said(story) == []


def note_somebody(play: Play, who: str = "U-1", case: bool = True) -> None:
    with transaction(play.world.engine) as session:
        note(
            session,
            actor_ref=who,
            action="case.viewed",
            at=play.clock.now(),
            object_ref="0" * 32,
            case_id=play.case_id if case else None,
        )


HEADS = {
    "signed by somebody else": (
        ["UPDATE signed_head SET signature = repeat('x', 64)::bytea"],
        "signed head 1 was not signed with a key of ours",
    ),
    "gone from the database": (
        ["DELETE FROM signed_head WHERE no = 2"],
        "the object store has a signed head 2 that the database does not have",
    ),
    "of another key": (
        ["UPDATE signed_head SET key_id = 'ffffffffffffffff' WHERE no = 2"],
        "signed head 2 was not signed with a key of ours",
    ),
}


@pytest.mark.parametrize("way", HEADS)
def test_heads_are_not_forged(story: Play, way: str) -> None:
    note_somebody(story)
    by_itself(story, SIGN)
    assert said(story) == []
    statements, words = HEADS[way]
    forge(story, *statements)
    assert words in said(story)


def test_a_lost_object_of_a_head_is_put_back_and_a_foreign_one_is_told(story: Play) -> None:
    storage = story.world.storage
    (key,) = storage.older(BEGINNING, story.clock.now() + timedelta(days=9999))
    storage.erase(key)
    by_itself(story, SIGN)
    assert storage.exists(key)
    storage.put("heads/0000000001-0123456789abcdef", b"another past", "text/plain")
    assert "signed head 1 is another one in the object store" in said(story)


def test_an_erasure_leaves_chains_that_hold_and_nothing_to_guess(story: Play) -> None:
    """The hash of a code is not enough to tell which of a few codes it was: the salt is gone."""
    note_somebody(story)
    by_itself(story, SIGN)
    erase_rows(story)
    assert said(story) == []
    with Session(story.world.engine) as session:
        rows = session.execute(text("SELECT payload, salt, payload_hash FROM case_event")).all()
        left = session.execute(text("SELECT result, input_hash FROM assessment")).all()
        of_audit = session.execute(text("SELECT object_ref FROM audit_entry")).scalars().all()
    blanked = [row for row in rows if row.payload_hash is not None]
    assert len(blanked) > 30 and all(row.salt is None for row in blanked)
    assert left and all(tuple(row) == ("", "") for row in left)
    assert set(of_audit) == {""}
    nothing = hashlib.sha256(b"{}").digest()
    assert nothing not in {row.payload_hash for row in blanked}
    # What an erasure left is written down, too: nobody puts something else in its place.
    forge(story, 'UPDATE case_event SET payload = \'{"to_state": "X"}\' WHERE seq = 1')
    assert said(story) == [
        f"case {story.case.ref}: what an erasure left of the events is not what it left"
    ]


def test_old_visits_go_and_nothing_else(story: Play) -> None:
    for who, case in (("a" * 32, False), ("b" * 32, False), ("U-1", True), ("c" * 32, True)):
        note_somebody(story, who, case)
    forge(story, "UPDATE evidence_link SET at = at - interval '1 day' * (CASE n WHEN 1 THEN 200"
                 " ELSE 0 END) WHERE strand = 'visitors'")  # fmt: skip
    # Whoever moves a link's time is found; here the old one goes, and the chain begins after it.
    by_itself(story, CHECK)
    with Session(story.world.engine) as session:
        left = session.execute(text("SELECT actor_ref FROM audit_entry ORDER BY id")).scalars()
        assert list(left) == ["b" * 32, "U-1", "c" * 32]
    assert said(story) == []
    with transaction(story.world.engine) as session:
        dropped = text("SELECT drop_visits(now() + interval '1 day', 100)")
        assert session.execute(dropped).scalar_one() == 0, "nothing of the last thirty days goes"


def test_more_old_visits_than_one_transaction_takes_go_the_same_day(
    story: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "VISITS_AT_ONCE", 2)
    for who in "abcdef":
        note_somebody(story, who * 32, False)
    forge(story, "UPDATE evidence_link SET at = at - interval '1 day' * (CASE WHEN n <= 5 THEN 200"
                 " ELSE 0 END) WHERE strand = 'visitors'")  # fmt: skip
    by_itself(story, CHECK)
    with Session(story.world.engine) as session:
        left = session.execute(text("SELECT actor_ref FROM audit_entry ORDER BY id")).scalars()
        assert list(left) == ["f" * 32], "one batch a day would leave three"
    assert said(story) == []


def test_a_column_that_nobody_thought_of_is_not_left_out_of_the_hash(story: Play) -> None:
    """The lists of the code are those of the triggers, and name every column."""
    query = text(
        "SELECT tgrelid::regclass::text AS name, encode(tgargs, 'escape') AS args"
        " FROM pg_trigger WHERE tgname = 'linked'"
    )
    with Session(story.world.engine) as session:
        rows = session.execute(query).all()
        for row in rows:
            number = max(FORMS[row.name])
            form = FORMS[row.name][number]
            lists = (" ".join(part) for part in (form.kept, form.hidden, form.closing))
            assert row.args.split("\\000")[:4] == [str(number), *lists], row.name
            columns = session.execute(
                text("SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:name)"
                     " AND attnum > 0 AND NOT attisdropped"), {"name": row.name},
            ).scalars()  # fmt: skip
            assert set(columns) == {*form.kept, *form.hidden, *form.closing}, row.name
    assert {row.name for row in rows} == set(FORMS)


def test_a_key_is_that_of_the_secret(story: Play) -> None:
    own, other = signers(story.world)[0], Signer(b"x" * 32)
    assert own.key_id != other.key_id
    assert own.is_mine(b"body", own.sign(b"body")) and not own.is_mine(b"body", other.sign(b"body"))
    with Session(story.world.engine) as session:
        assert session.get_one(SignedHead, 1).key_id == own.key_id
