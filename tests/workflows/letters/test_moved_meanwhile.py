"""A letter leaves a wrong case while its file is being read there: nothing follows from it."""

from typing import Any

import pytest

from adapters.reader.types import GaveWay, SoFar
from local.rehearsal.documents import wrong_patient
from models import Case, Document, FindingRecord
from tests.workflows.acts import SYNOPTIC
from tests.workflows.letters.post import another_case, came, rows
from tests.workflows.playing import PATIENT, Play
from workflows.engine.deciding import DecisionRefused
from workflows.letters.placing import ask_again


class Meanwhile:
    """A reader beside whom a coordinator moves the letter, once; it may give way just then."""

    def __init__(self, play: Play, number: int, right: Case, gives_way: bool) -> None:
        self.play, self.number, self.right = play, number, right
        self.real, self.gives_way, self.done = play.world.reader, gives_way, False

    def read(self, content: bytes, **given: Any) -> Any:
        if content == SYNOPTIC and not self.done:
            self.done = True
            ask_again(self.play.world, self.number)
            self.play.decide_only("match_mail", "attach_case", "not hers", case=self.right.ref)
            if self.gives_way:
                raise GaveWay(SoFar())
        return self.real.read(content, **given)


@pytest.mark.parametrize("gives_way", [False, True], ids=["while a page is read", "between turns"])
def test_what_left_while_it_was_read_is_not_weighed_there(play: Play, gives_way: bool) -> None:
    right = another_case(play)
    play.open()
    wrong = play.case_id
    number = came(play, "my report", sender=PATIENT.email, file=SYNOPTIC)
    play.world.reader = Meanwhile(play, number, right, gives_way)
    play.run()
    assert [one.state for one in rows(play, Document, case_id=wrong)] == ["quarantined"]
    assert not rows(play, FindingRecord, case_id=wrong)
    there = rows(play, Document, case_id=right.id)
    assert [one.read_status for one in there] == ["read"], "it is read where it belongs"


def test_what_left_is_not_said_to_belong_here_any_more(play: Play) -> None:
    play.open()
    wrong = play.case_id
    number = came(play, "my report", sender=PATIENT.email, file=wrong_patient())
    play.run()
    right = another_case(play)
    ask_again(play.world, number)
    play.answer("match_mail", "attach_case", "not hers", case=right.ref)
    asked = [one for one in play.tasks() if one.kind == "settle_wrong_patient"]
    if any(one.case_id == wrong for one in asked):
        with pytest.raises(DecisionRefused, match="has left the case"):
            play.decide_only("settle_wrong_patient", "belongs_here", "hers after all")
    assert [one.state for one in rows(play, Document, case_id=wrong)] == ["quarantined"]
    assert not rows(play, FindingRecord, case_id=wrong)
