"""The family says no to the offers that it saw, and to none that came while it was reading."""

import re
from collections.abc import Callable

from tests.web.parts import Visitor
from tests.web.test_portal_home import path_of
from tests.workflows.acts import to_outreach
from tests.workflows.outreach.test_offers import offered, offers, open_kinds
from tests.workflows.playing import Play

Visit = Callable[..., Visitor]


def none_of(page: str) -> dict[str, str]:
    """Return the form "We take none" as it stands on the page, ticked."""
    (form,) = [one for one in re.findall(r"<form.*?</form>", page, re.S) if "declined_all" in one]
    found = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    return {name: value for name, value in found.items() if name != "csrf"} | {"sure": "yes"}


def test_an_offer_that_came_meanwhile_is_not_declined_unseen(visit: Visit, play: Play) -> None:
    to_outreach(play, "H01,H02")
    offered(play)
    family, path = visit(), path_of(play)
    seen = none_of(family.get(path).text)
    play.answer("present_offer", "present")
    assert offers(play) == ["presented", "presented"]
    for form in (seen, {**seen, "offers_seen": ""}):
        refused = family.send(f"{path}/decide", form, path)
        assert refused.status_code == 422 and offers(play) == ["presented", "presented"]
    assert "record_patient_decision" in open_kinds(play)
    assert play.events("patient.declined_offer") == []
    anew = none_of(family.get(path).text)
    assert family.send(f"{path}/decide", anew, path).status_code == 303
    assert offers(play) == ["declined", "declined"]
