"""What hospitals write, in eight languages: a class is right or asked; a sum is never wrong."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from correspondence.classify import classify_reply
from correspondence.incoming.letter import parse_inbound
from correspondence.reading import as_json, read_letter
from tests.correspondence.replies import SETS, as_mail, replies

OUTCOMES = {
    name: [(one, as_json(read_letter(as_mail(one)))) for one in replies(name)] for name in SETS
}


def outcome(reply: Mapping[str, Any], read: Mapping[str, Any]) -> str:
    """Return "right", "asked" or "wrong"."""
    if read["class"] is None:
        return "right" if reply["class"] == "other" else "asked"
    return "right" if read["class"] in (reply["class"], *reply["also"]) else "wrong"


@pytest.mark.parametrize(("name", "right", "wrong"), [("departments", 140, 3), ("doctors", 48, 8)])
def test_a_class_is_right_or_a_person_is_asked(name: str, right: int, wrong: int) -> None:
    """Of 160: at least so many right, at most so many wrong (95 % are right or asked)."""
    counted = Counter(outcome(reply, read) for reply, read in OUTCOMES[name])
    assert counted["right"] >= right, counted
    assert counted["wrong"] <= wrong, counted


@pytest.mark.parametrize("name", SETS)
def test_no_price_is_wrong(name: str) -> None:
    for reply, read in OUTCOMES[name]:
        stated, facts = reply["facts"], read["facts"]
        assert isinstance(facts, dict)
        if "amount_low" not in facts or "amount_low" in reply.get("unclear", []):
            continue
        found = [facts["currency"], facts["amount_low"], facts["amount_high"]]
        truth = [stated.get(key) for key in ("currency", "amount_low", "amount_high")]
        accepted = [truth, *reply.get("alt_amounts", [])]
        assert found in accepted or None in truth, (reply["id"], found, truth)


@pytest.mark.parametrize("name", SETS)
def test_nothing_moves_by_itself_but_what_binds_nobody(name: str) -> None:
    for reply, read in OUTCOMES[name]:
        proposal = classify_reply(parse_inbound(as_mail(reply)))
        if not proposal.confirm:
            assert proposal.reply_class in (reply["class"], *reply["also"]), reply["id"]
            assert proposal.reply_class in ("ack", "out_of_office", "data_deletion_confirmed")
            assert read["machine"] in (None, "out_of_office", "auto_reply")
