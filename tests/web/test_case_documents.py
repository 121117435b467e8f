"""The case's documents: a file of several reports shows its parts, a second print its first."""

import re
from collections.abc import Callable

from sqlalchemy import select
from sqlmodel import Session, col

from local.rehearsal.documents import breast_synoptic
from local.rehearsal.reports import ROSA
from models import Document, FindingRecord
from models.base import require_id
from models.database import transaction
from tests.extractors.drawing import MRI_LINES, drawn, joined, pages_of
from tests.web.parts import Visitor
from tests.workflows.acts import to_clinician
from tests.workflows.playing import Play
from workflows.engine.lookup import get

Visit = Callable[..., Visitor]


def test_the_parts_of_a_file_and_a_second_print_are_named(
    visit: Callable[..., Visitor], play: Play
) -> None:
    biopsy = breast_synoptic(ROSA)
    again = drawn(pages_of(biopsy)[0].text.split("\n"), font="Courier", size=8)
    image = drawn(MRI_LINES, ["Page 2 of 2", "No lesion of the left breast."])
    play.open(biopsy)
    play.run()
    play.add(again)
    play.add(joined(biopsy, image))
    text = visit("coordinator").get(f"/cases/{play.case.ref}/documents").text
    words = " ".join(text.split())
    assert words.count("nearly the same text as document") == 1
    assert "<span>p. 1: pathology biopsy</span><span>p. 2–3: imaging MRI</span>" in words
    assert words.count("<span>p. 1: ") == 1, "a file of one report needs no page ranges"


def differing(play: Play, **given: object) -> tuple[int, int]:
    """Confirm what was read, then state the tumour's size once more; return both ids."""
    to_clinician(play)
    with transaction(play.world.engine) as session:
        query = select(FindingRecord).where(col(FindingRecord.field) == "breast.size_mm")
        size = session.scalars(query).one()
        other = FindingRecord(**{**size.model_dump(exclude={"id"}), "value": 19, **given})
        session.add(other)
        session.flush()
        return require_id(size.id), require_id(other.id)


def state_of(play: Play, finding_id: int) -> FindingRecord:
    with Session(play.world.engine) as session:
        return get(session, FindingRecord, finding_id)


def test_differing_values_stand_side_by_side_and_a_person_settles_them(
    visit: Visit, play: Play
) -> None:
    first, second = differing(play)
    visitor, page = visit("coordinator"), f"/cases/{play.case.ref}/documents"
    text = visitor.get(page).text
    assert "Where documents differ" in text and "to be settled" in text
    for shown in ("12 mm", "19 mm", "rank 40", "same rank state different values"):
        assert shown in " ".join(text.split())
    assert f"/findings/{first}/line.png" in text
    line = visitor.get(f"/findings/{first}/line.png")
    assert line.content.startswith(b"\x89PNG")
    form = {"what": "reject", "code": "", "why": ""}
    refused = visitor.send(f"/findings/{second}", form, page=page)
    assert refused.status_code == 422 and "Say why" in refused.text
    assert state_of(play, second).state == "confirmed"
    form["code"] = "other_part"
    settled = visitor.send(f"/findings/{second}", form, page=page)
    assert settled.headers["location"] == f"{page}#differ-breast.size_mm"
    assert state_of(play, second).reason == "other_part"
    assert "Where documents differ" not in visitor.get(page).text


def test_a_higher_source_counts_and_what_it_replaces_stays_visible(
    visit: Visit, play: Play
) -> None:
    differing(play, source="imaging_mri")
    text = " ".join(visit("coordinator").get(f"/cases/{play.case.ref}/documents").text.split())
    assert "highest-ranked source counts" in text and "a higher source replaces it" in text
    assert "to be settled</span>" not in text


def test_a_value_is_settled_by_who_may_and_from_our_own_page_only(visit: Visit, play: Play) -> None:
    first, _ = differing(play)
    form = {"what": "reject", "code": "other_part"}
    assert visit("analyst").send(f"/findings/{first}", form, page="/cases").status_code == 403
    forged = visit("coordinator").client.post(f"/findings/{first}", data={"csrf": "x", **form})
    assert forged.status_code == 403
    assert state_of(play, first).state == "confirmed"
    for path in (f"/findings/{first}/line.png", "/findings/999999/line.png"):
        assert visit("analyst").get(path).status_code == 403
    assert visit("clinician").get("/findings/999999/line.png").status_code == 404


def test_a_page_is_sent_small(visit: Visit, play: Play) -> None:
    play.open(breast_synoptic(ROSA))
    play.run()
    visitor = visit("coordinator")
    with Session(play.world.engine) as session:
        document = session.scalars(select(Document)).one()
    picture = visitor.get(f"/documents/{document.id}/pages/1.webp")
    assert picture.headers["content-type"] == "image/webp" and picture.content[8:12] == b"WEBP"
    assert len(picture.content) < 100_000
    assert visitor.get(f"/documents/{document.id}/pages/1.gif").status_code == 404


def test_of_many_pages_the_pictures_are_asked_for_when_they_are_seen(
    visit: Visit, play: Play
) -> None:
    play.open(joined(breast_synoptic(ROSA), drawn(*[["Nothing of note."]] * 4)))
    play.run()
    (task,) = [task for task in play.tasks() if task.kind == "review_findings"]
    text = visit("coordinator").get(f"/tasks/{task.id}").text
    pictures = re.findall(r"<img src=\"/documents/\d+/pages/(\d)\.webp\"[^>]*>", text)
    assert pictures == ["1", "2", "3", "4", "5"]
    assert len(re.findall(r"<img [^>]*loading=\"lazy\"", text)) == 4
    assert "Nothing of note" not in text, "the text of pages without findings is not sent"
