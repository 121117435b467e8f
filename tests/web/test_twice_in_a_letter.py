"""A file that a letter holds twice leaves a wrong case with it, and is named there no more."""

import zipfile
from collections.abc import Callable

from models import Document
from tests.web.parts import Visitor, own_path, seen
from tests.workflows.letters.post import another_case, came, rows
from tests.workflows.playing import PATIENT, Play
from views.data_copy import copy_of
from workflows.letters.placing import ask_again


def test_both_leave_a_wrong_case_and_nothing_of_them_is_seen_there(
    visit: Callable[..., Visitor], play: Play
) -> None:
    right = another_case(play)
    play.open()
    wrong = play.case
    number = came(play, "papers", sender=PATIENT.email, file=b"%PDF-1.4 one more", copies=2)
    play.run()
    assert [one.state for one in rows(play, Document, case_id=wrong.id)][1] == "duplicate"
    assert "scan.pdf" in seen(visit(None).get(own_path(play)).text)
    ask_again(play.world, number)
    play.answer("match_mail", "attach_case", "another patient's", case=right.ref)
    left = rows(play, Document, case_id=wrong.id)
    assert [one.quarantine_reason for one in left] == ["wrong_patient", "wrong_patient"]
    assert "scan.pdf" not in seen(visit(None).get(own_path(play)).text)
    _, file = copy_of(play.world, wrong.ref, "U-x")
    with file, zipfile.ZipFile(file) as copy:
        assert not [name for name in copy.namelist() if name.startswith("papers/")]
