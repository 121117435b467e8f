"""What a thief of the disk finds: the files of the database themselves, its log, its free pages."""

import base64
from collections.abc import Callable, Iterable
from email.utils import format_datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, select, text
from sqlmodel import Session

from local.embedded.postgres import SUPERUSER
from local.embedded.servers import EmbeddedServers
from models import Assessment, Document, FindingRecord, Mark, Patient, RedFlagCall, Review
from models.database import transaction
from settings import Settings
from tests.web import erasing
from tests.web.parts import Visitor
from tests.web.test_erasure import SECRET
from tests.web.test_intake import GIVEN, add, begin, fill
from tests.web.test_red_flag_pages import of_a_stranger, written
from tests.workflows.acts import SIGNED, SYNOPTIC, to_review
from tests.workflows.letters.posting import Post
from tests.workflows.playing import Play
from workflows.cases.contacts import confirm_contact
from workflows.engine.lookup import patient_of
from workflows.engine.record import Recorder
from workflows.events import Actor


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"webhook_secrets": {"partner": SecretStr(SECRET)}})


def canary(kind: str) -> str:
    return f"Zyx{kind}{uuid4().hex}"


def lying(folder: Path, words: Iterable[str]) -> dict[str, int]:
    """Return in how many places of a server's files each word stands in clear."""
    found = dict.fromkeys(words, 0)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            for word in found:
                found[word] += content.count(word.encode())
    return found


def test_what_is_sealed_stands_nowhere_in_the_files_of_the_database(
    play: Play, visit: Callable[..., Visitor], servers: EmbeddedServers
) -> None:
    """Through a partner's hook, by hand and out of a paper; changed once, so that old rows lie."""
    phone, before = (f"+49{uuid4().int}"[:24] for _ in range(2))
    file_name = canary("paper")
    near, reason, open_word = canary("near"), canary("reason"), canary("open")
    data = {
        "patient": {"name": "Rosa Muster", "phone": before, "email": erasing.email_of(play)},
        "site": "breast",
        "documents": [
            {"file_name": f"{file_name}.pdf", "content": base64.b64encode(SYNOPTIC).decode()}
        ],
    }
    answer = erasing.hook(visit(), SECRET, "case.opened", data, "open-1")
    assert answer.status_code == 200, answer.text
    play.run()
    with transaction(play.world.engine) as session:
        play.case_id = session.scalars(select(Patient)).one().case_id
        patient = patient_of(session, play.case_id)
        assert patient.phone == before
        patient.phone, patient.intake = phone, {**patient.intake, "words": reason}
        recorder = Recorder(session, play.world.process, play.clock.now())
        ours, who = play.world.settings.mail_from, Actor("coordinator", "c1")
        address = f"{near}@family.example"
        confirm_contact(recorder, play.case_id, address, "family", who, ours=ours, name=near)
        recorder.flush()
    with Session(play.world.engine) as session:
        assert file_name in session.scalars(select(Document)).one().file_name
    with transaction(play.world.engine) as session:  # the search itself is seen to find
        session.add(Mark(name=open_word, at=play.clock.now()))
    found = on_disk(servers, (phone, before, file_name, near, reason, near.lower(), open_word))
    assert found.pop(open_word) > 0
    assert set(found.values()) == {0}


def on_disk(servers: EmbeddedServers, words: Iterable[str]) -> dict[str, int]:
    """Have the database write everything to its files; return how often they hold each word."""
    connection = servers.postgres.connect("postgres", user=SUPERUSER)
    connection.autocommit = True
    connection.execute("CHECKPOINT")
    connection.close()
    found = lying(servers.postgres.place.data, words)
    print({word[:12]: count for word, count in found.items() if count})
    return found


def clear_word(play: Play) -> str:
    """Return a word that was just written in clear: the search itself is seen to find."""
    word = canary("open")
    with transaction(play.world.engine) as session:
        session.add(Mark(name=word, at=play.clock.now()))
    return word


def test_an_inquiry_stands_nowhere_in_the_files_while_it_is_written_and_when_it_was_sent(
    play: Play, visit: Callable[..., Visitor], servers: EmbeddedServers
) -> None:
    """One is given up half written, with a file; one is sent."""
    words = {kind: canary(kind) for kind in ("asker", "story", "paper", "given", "later")}
    address = f"{canary('at').lower()}@family.example"
    first, second = visit(), visit()
    given_up, sent = begin(first), begin(second)
    first.send(f"{given_up}/you", {**GIVEN["you"], "asker_name": words["given"]})
    add(first, given_up, (f"{words['paper']}.pdf", b"%PDF-1.4"))
    you = {**GIVEN["you"], "asker_name": words["asker"]}
    contact = {**GIVEN["contact"], "email": address}
    fill(second, sent, you=you, contact=contact, story={"message": words["story"]})
    add(second, sent, (f"{words['later']}.pdf", b"%PDF-1.4 b"))
    home = second.send(f"{sent}/check", {"go": "send"}).headers["location"]
    assert second.get(home).status_code == 200
    play.run()
    page = first.get(f"{given_up}/files").text
    assert f"{words['paper']}.pdf" in page, "who writes it sees it"
    open_word = clear_word(play)
    found = on_disk(servers, (*words.values(), address, open_word))
    assert found.pop(open_word) > 0
    assert set(found.values()) == {0}


def test_a_letter_that_came_or_left_stands_nowhere_in_the_files(
    play: Play, servers: EmbeddedServers
) -> None:
    """Of a stranger, before and after somebody gave it to a case; of ours, with our words."""
    words = {kind: canary(kind) for kind in ("subject", "body", "scan", "ours", "why", "name")}
    place, sender = canary("box").lower(), canary("sender").lower()
    number = f"<{canary('id')}@elsewhere.example>"
    play.open(SYNOPTIC)
    play.run()
    Post(play).brings(
        play.world.settings.mail_from,
        f"My mother is ill. {words['body']}",
        sender=f'"{words["name"]}" <{place}@{sender}.example>',
        subject=words["subject"],
        file=f"{words['scan']}.pdf",
        Message_ID=number,
        Date=format_datetime(play.clock.now()),
    )
    told = (*words.values(), place, sender, number)
    *ours, opened = on_disk(servers, (*told, clear_word(play))).values()
    assert opened > 0 and set(ours) == {0}
    play.answer("match_mail", "attach_case", words["why"], case=play.case.ref)
    for kind, answer, reason, values in (
        ("triage_inquiry", "in_scope", None, {"site": "breast"}),
        ("record_consent", "granted", None, SIGNED),
    ):
        play.answer(kind, answer, reason, **values)
    play.confirm()
    play.answer("settle_completeness", "waive", reason=words["why"])
    play.answer("countersign_waiver", "agree", words["why"])
    play.sign("suitable_for_outreach")
    play.answer("record_hospital_consent", "granted", hospitals="H01", **SIGNED)
    play.answer("approve_shortlist", "approve", hospitals="H01")
    (letter,) = play.messages(template="M10", state="draft")
    play.answer("approve_message", "approve", body=f"{letter.body}\n\n{words['ours']}")
    (letter,) = play.messages(template="M10", state="sent")
    assert words["ours"] in letter.body
    *ours, opened = on_disk(servers, (*told, clear_word(play))).values()
    assert opened > 0 and set(ours) == {0}


def test_what_was_weighed_signed_and_said_in_calls_stands_nowhere_in_the_files(
    play: Play, servers: EmbeddedServers, owner_engine: Engine
) -> None:
    """A result with its quotes, the reason of a signature, a call of a case and one of nobody's."""
    words = {kind: canary(kind) for kind in ("quote", "why", "call", "stranger")}
    with owner_engine.begin() as owner:  # not packed: a thief unpacks, this search does not
        owner.execute(text("ALTER TABLE assessment ALTER findings SET STORAGE EXTERNAL"))
    to_review(play)
    play.answer("triage_inquiry", "in_scope", site="breast")
    play.answer("record_consent", "granted", **SIGNED)
    with transaction(play.world.engine) as session:
        for finding in session.scalars(select(FindingRecord)):
            finding.quote = words["quote"]
    play.confirm()
    play.answer("settle_completeness", "waive", reason="imaging is on its way")
    play.answer("countersign_waiver", "agree", "not needed yet")
    play.sign("suitable_for_outreach", words["why"])
    written(play, "Since an hour my wound is open and pus comes out. Please help!")
    play.answer("call_patient_now", "reached", reached="caregiver", said=words["call"])
    of_a_stranger(play, "stranger@elsewhere.example")
    play.answer("find_sender", "reached", reached="hospital", said=words["stranger"])
    with Session(play.world.engine) as session:
        (result,) = session.scalars(select(Assessment))
        (signed,) = session.scalars(select(Review))
        calls = [one.said for one in session.scalars(select(RedFlagCall))]
    assert words["quote"] in str(result.findings) and signed.reason == words["why"]
    assert calls == [words["call"], words["stranger"]]
    *ours, opened = on_disk(servers, (*words.values(), clear_word(play))).values()
    assert opened > 0 and set(ours) == {0}
