"""Who rewrites history is found: each way with the case and the place, in plain words."""

import pytest
from sqlalchemy import text

from models.database import transaction
from tests.workflows.history.forging import SIGN, by_itself, forge, look, rehash, said
from tests.workflows.playing import Play


def test_nothing_is_found_of_what_nobody_rewrote(story: Play) -> None:
    report = look(story)
    assert (report.findings, report.notes) == ([], [])
    assert report.events == len(story.events()) > 40
    assert report.links == 3 and report.heads == 1 and report.cases == 1


EVENTS: dict[str, tuple[list[str], str]] = {
    "a row changed": (
        ["UPDATE case_event SET payload = '{\"outcome\": \"not_suitable\"}' WHERE seq = 20"],
        "event 20 is not as it was written, or does not follow from the one before",
    ),
    "its time changed": (
        ["UPDATE case_event SET occurred_at = occurred_at - interval '1 day' WHERE seq = 20"],
        "event 20 is not as it was written, or does not follow from the one before",
    ),
    "a row deleted": (["DELETE FROM case_event WHERE seq = 20"], "event 20 is missing"),
    "a row deleted and the rest renumbered": (
        [
            "DELETE FROM case_event WHERE seq = 20",
            "UPDATE case_event SET seq = seq + 1000 WHERE seq > 20",
            "UPDATE case_event SET seq = seq - 1001 WHERE seq > 1000",
            'UPDATE "case" SET last_seq = last_seq - 1',
        ],
        "before event 20 one was taken out, and what follows was renumbered",
    ),
    "a row put in": (
        [
            "UPDATE case_event SET seq = seq + 1000 WHERE seq >= 20",
            "UPDATE case_event SET seq = seq - 999 WHERE seq > 1000",
            "INSERT INTO case_event SELECT (e).* FROM (SELECT jsonb_populate_record(c, "
            "'{\"seq\": 20, \"event_id\": \"FORGED\"}') e FROM case_event c WHERE seq = 21) x",
            'UPDATE "case" SET last_seq = last_seq + 1',
        ],
        "event 20 was put in, and what follows was renumbered",
    ),
    "two changed places": (
        [
            "UPDATE case_event SET seq = 1000 WHERE seq = 20",
            "UPDATE case_event SET seq = 20 WHERE seq = 25",
            "UPDATE case_event SET seq = 25 WHERE seq = 1000",
        ],
        "event 20 stood at 25",
    ),
    "neighbours changed places": (
        [
            "UPDATE case_event SET seq = 1000 WHERE seq = 20",
            "UPDATE case_event SET seq = 20 WHERE seq = 21",
            "UPDATE case_event SET seq = 21 WHERE seq = 1000",
        ],
        "event 20 stood at 21",
    ),
    "a payload blanked as if erased": (
        ["UPDATE case_event SET payload = '{}', payload_hash = sha256(salt || convert_to("
         "payload::text, 'UTF8')), salt = NULL WHERE seq = 20"],
        "event 20 was blanked, and no erasure says so",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", EVENTS)
def test_events(story: Play, way: str) -> None:
    statements, words = EVENTS[way]
    forge(story, *statements)
    told = said(story)
    assert told[0] == f"case {story.case.ref}: {words}", told
    assert len(told) <= 2, "others are not blamed"


def test_a_tail_that_was_cut_off_is_known_from_the_case_and_from_the_signed_head(
    story: Play,
) -> None:
    last = len(story.events())
    forge(story, f"DELETE FROM case_event WHERE seq > {last - 3}")
    words = f"the end is cut off: event {last - 3} is the last, and there were {last}"
    assert said(story) == [f"case {story.case.ref}: {words}"]
    forge(story, f'UPDATE "case" SET last_seq = {last - 3}')
    assert said(story) == [f"case {story.case.ref}: {words}"], "only the head knows it now"


def test_a_case_whose_chain_was_written_anew_as_a_whole_is_known_from_the_head(story: Play) -> None:
    changed = "UPDATE case_event SET payload = '{}' WHERE seq = 20"
    forge(story, changed)
    rehash(story, 20)
    last = len(story.events())
    words = "is not the one that was signed: what leads to it was written anew"
    assert said(story) == [f"case {story.case.ref}: event {last} {words}"]
    # What follows is signed as it is; that the old one is no longer there stays known.
    by_itself(story, SIGN)
    assert said(story)[0] == f"case {story.case.ref}: event {last} {words}"


def test_a_whole_case_that_is_gone_is_known_from_the_head(story: Play) -> None:
    last = len(story.events())
    forge(story, "DELETE FROM case_event", 'DELETE FROM "case"')
    assert f"case number {story.case_id}: the whole case is gone; it had {last} events" in said(
        story
    )


ROWS: dict[str, tuple[str, str]] = {
    "a signature's outcome": (
        "UPDATE review SET outcome = 'not_suitable'",
        "review 1 is not as it was written, or does not follow from the one before",
    ),
    "a signature is no longer void": (
        "UPDATE review SET void_at = now(), void_reason = 'new_data'",
        "review 1 is not as it was written, or does not follow from the one before",
    ),
    "a result": (
        "UPDATE assessment SET category = 'pathway_stopped'",
        "assessment 1 is not as it was written, or does not follow from the one before",
    ),
    "a permission is gone": ("DELETE FROM consent", "consent 1 is missing"),
    "an act is gone": ("DELETE FROM audit_entry WHERE id = 1", "audit_entry 1 is missing"),
    "an act of somebody else": (
        "UPDATE audit_entry SET actor_ref = 'U-other' WHERE id = 1",
        "audit_entry 1 is not as it was written, or does not follow from the one before",
    ),
    "an act that never was": (
        "INSERT INTO audit_entry (actor_ref, action, object_ref, at)"
        " VALUES ('U-1', 'case.viewed', '', now())",
        "audit_entry 2 was put in: no link knows it",
    ),
    "whose address it was": (
        "UPDATE audit_entry SET object_ref = ''",
        "audit_entry 1 is not as it was written, or does not follow from the one before",
    ),
    "a link": (
        "UPDATE evidence_link SET content = sha256('x') WHERE strand = 'evidence' AND n = 2",
        "link 2 of the strand evidence is not as it was written, or does not follow from the one"
        " before",
    ),
    "the end of the links": (
        "DELETE FROM evidence_link WHERE strand = 'evidence' AND n > 2",
        "the end is cut off: link 2 of the strand evidence is the last, and there were 3",
    ),
}


@pytest.fixture
def watched(story: Play) -> Play:
    with transaction(story.world.engine) as session:
        session.execute(
            text(
                "INSERT INTO audit_entry (actor_ref, action, object_ref, case_id, at)"
                " VALUES ('U-1', 'case.viewed', 'x', :case, now())"
            ),
            {"case": story.case_id},
        )
    return story


@pytest.mark.parametrize("way", ROWS)
def test_rows_of_evidence(watched: Play, way: str) -> None:
    statement, words = ROWS[way]
    assert said(watched) == []
    forge(watched, statement)
    assert words in said(watched)


def test_what_is_blanked_as_if_erased_is_found_although_another_case_was_erased(
    story: Play,
) -> None:
    forge(
        story,
        "SELECT evidence_append('evidence', 'review', 999, 'erase', '1 rows', NULL, sha256(''))",
    )
    assert said(story) == []
    forge(
        story,
        "UPDATE evidence_link l SET salt = NULL, hidden_hash = sha256(l.salt || convert_to("
        "jsonb_build_array(t.reason, t.input_hash)::text, 'UTF8')) FROM review t"
        " WHERE l.what = 'review' AND l.row_id = t.id",
        "UPDATE review SET reason = NULL, input_hash = ''",
    )
    assert said(story) == ["review 1 was blanked, and no erasure says so"]
