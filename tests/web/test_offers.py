"""Offers on the pages: an amount is said back first, the letter's words stand beside the field."""

import re
from collections.abc import Callable

from models.base import require_id
from tests.web.parts import Visitor, seen
from tests.workflows.acts import OFFER, reply, to_outreach
from tests.workflows.playing import Play

Visit = Callable[..., Visitor]
TYPED = {"answer": "record", "set:currency": "USD", "set:amount_low": "7,800", "set:amounts": "?"}


def asked(play: Play, kind: str) -> str:
    (task,) = [task for task in play.tasks() if task.kind == kind]
    return f"/tasks/{require_id(task.id)}"


def test_an_amount_counts_when_it_was_said_back_and_sent_again(visit: Visit, play: Play) -> None:
    to_outreach(play)
    reply(play, OFFER)
    play.answer("confirm_reply", "offer")
    page, console = asked(play, "record_offer"), visit("coordinator")
    text = console.get(page).text
    assert "take 7800" in seen(text) and "Estimated cost: USD 7,800 to 9,100." in seen(text)
    form = {**TYPED, "take:amount_high": "1"}
    refused = console.send(page, form)
    assert refused.status_code == 422
    assert "seven thousand eight hundred to nine thousand one hundred US dollars" in refused.text
    assert 'value="7,800"' in refused.text and not play.events("offer.recorded")
    echo = re.search(r'name="set:amounts" value="([^"]+)"', refused.text)
    assert echo and echo[1] == "USD 7,800 to 9,100"
    other = console.send(page, {**form, "set:amount_low": "780", "set:amounts": echo[1]})
    assert other.status_code == 422 and "The letter seems to say otherwise" in other.text
    console.send(page, {**form, "set:amounts": echo[1]})
    (event,) = play.events("offer.recorded")
    assert (event.payload["amount_low"], event.payload["amount_high"]) == (7800.0, 9100.0)
