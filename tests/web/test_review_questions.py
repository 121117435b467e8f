"""What a document leaves open is asked on its page, with the quotes, and chosen by a person."""

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from models import FindingRecord
from tests.web.parts import Visitor, seen
from tests.workflows.playing import Play
from workflows.engine.world import World

Visit = Callable[..., Visitor]

FORM = b"""SURGICAL PATHOLOGY REPORT
FINAL DIAGNOSIS:
Left breast, lumpectomy: invasive ductal carcinoma, grade 2, 1.4 cm.
HER2: [ ] Positive (3+)  [ ] Negative (1+)
ER: [ ] Negative  [X] Positive, 95 %
PR: positive (0 %)
"""


@pytest.fixture
def reviewed(play: Play) -> Play:
    play.open(FORM)
    play.run()
    return play


def page_of(play: Play) -> str:
    task = next(task for task in play.tasks() if task.kind == "review_findings")
    return f"/tasks/{task.id}"


def values(world: World) -> dict[str, object]:
    with Session(world.engine) as session:
        rows = session.exec(select(FindingRecord)).all()
        return {row.field: row.value for row in rows if row.state != "rejected"}


def test_what_is_not_ticked_or_contradicts_itself_is_asked_with_its_quotes(
    visit: Visit, world: World, reviewed: Play
) -> None:
    stated = values(world)
    assert stated["breast.er"] == "positive"
    assert not {"breast.her2", "breast.her2_ihc", "breast.pr", "breast.pr_percent"} & set(stated)
    text = seen(visit("coordinator").get(page_of(reviewed)).text)
    assert "What the page leaves open" in text
    assert "The form prints these answers and none is ticked." in text
    assert "Positive (3+)" in text and "Negative (1+)" in text
    assert "The word and the percentage do not agree." in text and "PR: positive" in text


def test_a_person_chooses_or_leaves_it_not_stated(
    visit: Visit, world: World, reviewed: Play
) -> None:
    form = {"answer": "confirm", "set:breast.her2": "negative", "set:breast.pr": ""}
    for name in reviewed.looked_at()["confirmed"].split(","):
        form |= {f"is:{name}": "confirm"}
    assert visit("coordinator").send(page_of(reviewed), form).status_code == 303
    chosen = values(world)
    assert chosen["breast.her2"] == "negative"
    assert "breast.pr" not in chosen


def test_a_refused_form_keeps_the_choice(visit: Visit, world: World, reviewed: Play) -> None:
    form = {"answer": "confirm", "set:breast.her2": "negative", "set:breast.size_mm": "much"}
    refused = visit("coordinator").send(page_of(reviewed), form)
    assert refused.status_code == 422
    words = " ".join(refused.text.split())
    offered = 'name="set:breast.her2" value="negative"'
    assert words.split(offered)[1].split(">")[0].strip() == "checked"


def test_a_document_of_which_nothing_was_read_says_why_wherever_it_stands(
    visit: Visit, play: Play
) -> None:
    play.open(b"SURGICAL PATHOLOGY REPORT\nProstate, biopsy: adenocarcinoma, Gleason 3+3.\n")
    play.run()
    why = "It speaks of an organ or a disease that is not treated here."
    coordinator = visit("coordinator")
    for page in (page_of(play), f"/cases/{play.case.ref}/documents", "/documents/1"):
        assert why in seen(coordinator.get(page).text), page


def test_an_answered_question_is_not_asked_again(
    visit: Visit, world: World, reviewed: Play
) -> None:
    coordinator = visit("coordinator")
    form = {"answer": "settle", "set:breast.her2": "negative"}
    assert coordinator.send(page_of(reviewed), form).status_code == 303
    text = seen(coordinator.get(page_of(reviewed)).text)
    open_ones, _, settled = text.partition("Settled already")
    assert 'name="set:breast.her2"' not in coordinator.get(page_of(reviewed)).text
    assert "The word and the percentage do not agree." in open_ones, "the other one is still asked"
    assert "HER2" in settled


def test_a_page_from_before_the_document_was_read_again_is_refused_in_plain_words(
    visit: Visit, world: World, reviewed: Play
) -> None:
    old = {"answer": "confirm", "shown": ""}
    refused = visit("coordinator").send(page_of(reviewed), old)
    assert refused.status_code == 422
    assert "The document was read again since you opened this page" in seen(refused.text)
    assert 'name="shown" value="' in refused.text and 'name="shown" value=""' not in refused.text


def test_a_document_read_from_german_says_so_where_its_values_are_checked(
    visit: Visit, world: World, play: Play
) -> None:
    play.open(
        "Pathologischer Befund\nMaterial: Segmentresektat Mamma links.\n"
        "Diagnose: Invasives duktales Karzinom der Mamma, G2, Tumorgröße 14 mm.\n"
        "Östrogenrezeptor: 95 % positiv. HER2: schlumprig negativ.\n".encode()
    )
    play.run()
    stated = values(world)
    assert stated["breast.er"] == "positive" and stated["breast.size_mm"] == 14.0
    assert "breast.her2" not in stated
    text = seen(visit("coordinator").get(page_of(play)).text)
    assert "Read from German" in text
    assert "Östrogenrezeptor: 95 % positiv" in text
    assert "A word beside it is not known in this language" in text
    assert "HER2: schlumprig negativ" in text
    with Session(world.engine) as session:
        number = session.exec(select(FindingRecord.document_id)).first()
    assert "Read from German" in seen(visit("coordinator").get(f"/documents/{number}").text)
