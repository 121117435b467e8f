"""What opens a patient's page stands nowhere: no console page, no table, no stored letter."""

import base64
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from accounts.signed_links import LinkRefused, read_portal_token
from correspondence import verify_reply_token
from correspondence.own_page import PAGE
from models.database import transaction
from tests.web.erasing import deliver, objects, tables
from tests.web.every_page import PEOPLE, full_house, samples
from tests.web.parts import Visitor, link_of
from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play
from workflows.engine.lookup import patient_of
from workflows.engine.world import World
from workflows.portal.access import case_of_link, revoke_links

Visit = Callable[..., Visitor]
_SHAPED = re.compile(
    rb"(?:[a-z0-9]{1,8}\.)?[\w=-]{2,}\.[\w=-]{4,12}\.[\w=-]{20,}|u\d+(?:\.[a-z0-9]{1,8})?\.[a-z2-7]{26}"
)


def live_in(world: World, content: bytes) -> list[str]:
    """Return what of a text opens a patient's page or ends its reminders."""
    found = []
    for shaped in _SHAPED.findall(content):
        token = shaped.decode(errors="replace").strip(".")
        try:
            read_portal_token(token, world.keys.ring, timedelta(days=90))
            found.append(token)
        except LinkRefused:
            if verify_reply_token(token, world.keys.ring, "reminders") is not None:
                found.append(token)
    return found


def readings(content: bytes) -> Iterator[bytes]:
    """Return bytes as they are, and every text of a mail as its reader gets it."""
    yield content
    if b"MIME-Version" in content[:4000]:
        mail = message_from_bytes(content, policy=default)
        yield str(mail.items()).encode()
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                yield part.get_content().encode()
                yield base64.b64encode(part.get_content().encode())


def places(world: World, found: dict[str, bytes]) -> list[str]:
    """Return where something opens a patient's page."""
    return [
        name
        for name, content in found.items()
        if any(live_in(world, one) for one in readings(content))
    ]


def page_in(mail: EmailMessage) -> str:
    """Return the path of the patient's page that a letter brings."""
    found = re.search(r"/portal/[\w.~=-]{24,}", mail.get_content())
    assert found, mail.get_content()
    return found[0]


def test_the_finder_finds(play: Play) -> None:
    play.open()
    link = link_of(play.world, play.case)
    assert live_in(play.world, f"see http://x{link}.".encode())
    assert not live_in(play.world, f"see http://x{link[:-4]}AAAA".encode())


def test_nothing_kept_and_no_page_opens_the_patients_page(
    visit: Visit, play: Play, bucket_client: Any
) -> None:
    house = full_house(play)
    kept = {**tables(play), **objects(play, bucket_client)}
    assert PAGE in str(kept), "letters with a link were written"
    assert places(play.world, kept) == []
    shown: dict[str, bytes] = {}
    for role in PEOPLE:
        visitor = visit()
        assert visitor.sign_in(role).status_code == 303
        for sample in samples(house):
            if sample.role is not None and not sample.path.startswith("/portal"):
                shown[f"{role} {sample.path}"] = visitor.get(sample.path).content
        for ref in (house.travelling, house.asking):
            shown[f"{role} json {ref}"] = visitor.get(f"/api/cases/{ref}/timeline").content
    assert any(PAGE.encode() in page for page in shown.values())
    assert places(play.world, shown) == []


def test_the_reader_of_the_letter_gets_the_link_and_its_hash_is_kept(
    visit: Visit, play: Play
) -> None:
    to_clinician.played(play)
    (letter,) = play.messages(template="M02")
    (mail,) = play.mails("M02")
    assert PAGE in letter.body and PAGE not in mail.get_content()
    assert letter.sent_sha256 != letter.raw_sha256
    assert visit().get(page_in(mail)).status_code == 200
    (plain,) = play.messages(template="M01")
    assert plain.sent_sha256 == plain.raw_sha256, "a letter without a link leaves as it was frozen"


def test_a_letter_to_an_address_that_is_the_patients_no_more_brings_no_link(play: Play) -> None:
    play.open()
    play.run()
    play.decide_only("triage_inquiry", "in_scope", site="breast")
    with transaction(play.world.engine) as session:
        patient_of(session, play.case_id).email = f"another-{play.world.settings.mail_from}"
    for letter in play.messages(state="queued"):
        assert letter.address
    play.run()
    texts = [
        message_from_bytes(raw, policy=default).get_content()
        for raw in play.mail.left
        if f"another-{play.world.settings.mail_from}".encode() not in raw
    ]
    assert not [text for text in texts if live_in(play.world, text.encode())]


def test_a_link_that_an_answer_quotes_is_masked(visit: Visit, play: Play) -> None:
    to_clinician.played(play)
    (mail,) = play.mails("M02")
    answer = EmailMessage()
    answer["From"], answer["To"] = play.messages(template="M02")[0].address, mail["From"]
    answer["Subject"], answer["Date"] = f"Re: {mail['Subject']}", play.clock.now()
    answer["In-Reply-To"], answer["Message-ID"] = mail["Message-ID"], "<quotes@patient.example>"
    quoted = "\n".join(f"> {line}" for line in mail.get_content().splitlines())
    answer.set_content(f"The page {page_in(mail)} does not open.\n\n{quoted}\n")
    deliver(play, answer)
    (got,) = play.messages(direction="in")
    assert "does not open" in got.body
    staff = visit("coordinator")
    tab = staff.get(f"/cases/{play.case.ref}/messages")
    original = staff.get(f"/letters/{got.id}/original")
    assert original.status_code == 200
    shown = {"row": got.body.encode(), "tab": tab.content, "original": original.content}
    assert places(play.world, shown) == []


def test_each_letter_has_its_own_link_and_all_end_together(visit: Visit, play: Play) -> None:
    to_clinician.played(play)
    links = [page_in(mail) for code in ("M02", "M04") for mail in play.mails(code)]
    assert len(set(links)) == len(links) > 1
    assert {case_of_link(play.world, link.rpartition("/")[2]).id for link in links} == {
        play.case_id
    }
    revoke_links(play.world, play.case_id, "U-1")
    assert {visit().get(link).status_code for link in links} == {404}
