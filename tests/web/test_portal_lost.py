"""A lost or ended link: a letter with a new one; and nobody learns who is a patient."""

import re
import time
from typing import Any

import pytest

from tests.web.parts import Visitor, link_of
from tests.web.test_portal_codes import (
    EMAIL,
    Visit,
    audited,
    code_letters,
    looked_at,
    proven,
    send,
    stranger,
)
from tests.workflows.playing import Play
from workflows.letters.own_codes import SIGNS
from workflows.portal import links

DOOR = "/portal/sign-in/link"


def ask(visitor: Visitor, email: str = EMAIL) -> Any:
    return visitor.send(DOOR, {"email": email})


def link_letters(play: Play) -> list[str]:
    play.run()
    return [mail.get_content() for mail in play.mails("M41")]


def test_nobody_learns_who_is_a_patient(visit: Visit, play: Play) -> None:
    play.open()
    visitor = stranger(visit)
    known, unknown = ask(visitor, EMAIL.upper()), ask(visitor, "somebody@else.example")

    def plain(text: str) -> str:
        return re.sub(r'value="[^"]*"', "", text)

    assert plain(known.text) == plain(unknown.text)
    assert known.status_code == unknown.status_code == 200
    (letter,) = link_letters(play)
    assert not re.search(rf"[{SIGNS}]{{4}}-[{SIGNS}]{{4}}", letter), "it brings no code"
    assert ask(visitor, "%@%").status_code == 200 and len(link_letters(play)) == 1
    entries = audited(play.world, "portal.link_asked")
    assert len(entries) == 3
    assert not [e for e in entries if "@" in e.object_ref + e.actor_ref]


@pytest.mark.parametrize("address", [EMAIL, "nobody@else.example"])
def test_who_asks_again_and_again_is_slowed_down_and_sends_few_letters(
    visit: Visit, play: Play, address: str
) -> None:
    play.open()
    visitor = stranger(visit)
    asked = [ask(visitor, address).status_code for _ in range(17)]
    assert asked[0] == 200 and asked[-1] == 429
    assert audited(play.world, "portal.throttled")
    known = address == EMAIL
    assert len(link_letters(play)) == (links.LETTERS_A_DAY if known else 0)
    assert looked_at(play) == (["links_asked"] if known else [])


def test_an_ended_link_leads_to_a_new_one(visit: Visit, play: Play, monkeypatch: Any) -> None:
    play.open()
    path = link_of(play.world, play.case)
    later = time.time() + 15 * 86400
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    page = stranger(visit).get(path)
    assert page.status_code == 404 and "Send a new link to the address that we know" in page.text
    answer = stranger(visit).send(f"{path}/renew", {}, path)
    assert answer.status_code == 200
    assert len(link_letters(play)) == 1
    forged = path[:-2] + "xx"
    page = stranger(visit).get(forged)
    assert page.status_code == 404 and f'action="{DOOR}"' in page.text
    stranger(visit).send(f"{forged}/renew", {}, forged)
    assert len(link_letters(play)) == 1
    assert ask(stranger(visit), "not an address").status_code == 422


def test_after_leaving_no_link_and_no_code_goes_out(visit: Visit, play: Play) -> None:
    play.open()
    visitor, path = proven(visit, play)
    left = visitor.send(f"{path}/withdraw", {"sure": "yes"}, f"{path}/withdraw")
    assert left.status_code == 200
    sent = len(code_letters(play))
    assert ask(stranger(visit)).status_code == 200
    assert link_letters(play) == []
    refused = send(stranger(visit), link_of(play.world, play.case))
    assert refused.status_code == 422 and len(code_letters(play)) == sent


def test_a_coordinator_ends_the_links_that_were_sent(visit: Visit, play: Play) -> None:
    play.open()
    path = link_of(play.world, play.case)
    consent = f"/cases/{play.case.ref}/consent"
    clinician = visit("clinician")
    assert "End the links" not in clinician.get(consent).text
    visitor = visit("coordinator")
    answer = visitor.send(f"/cases/{play.case.ref}/links/revoke", {}, consent)
    assert answer.status_code == 303
    assert "has ended" in visitor.get(answer.headers["location"]).text
    assert visit().get(path).status_code == 404
    (entry,) = audited(play.world, "portal.links_revoked")
    assert entry.case_id == play.case_id and entry.actor_ref.startswith("U-")
