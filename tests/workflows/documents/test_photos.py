"""Photos of one paper become one document, whatever their order and turn; a person may part it."""

import io
from datetime import timedelta
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from local.rehearsal.reports import ROSA
from models import Document, StepRun
from models.database import transaction
from settings import Settings
from tests.adapters.reader import files
from tests.extractors.drawing import drawn
from tests.workflows.playing import Play
from workflows.documents.by_hand import join_chosen, take_apart
from workflows.documents.pages_kept import load_pages
from workflows.engine.deciding import DecisionRefused
from workflows.engine.record import Recorder
from workflows.engine.runner import Runner
from workflows.engine.world import World
from workflows.events import Actor
from workflows.steps import STEPS

COORDINATOR = Actor("coordinator", "c1")
WORDS = ("alpha", "bravo", "delta", "gamma", "sigma", "omega")


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    world = World(settings, engine=engine, clock=clock)
    return Play(world, clock)


def report(pages: int, name: str = ROSA.name, numbered: bool = True) -> list[Image.Image]:
    """The pages of a report as a flatbed scanner gives them."""
    content = drawn(
        *(
            [
                "SURGICAL PATHOLOGY REPORT",
                f"Patient name: {name}",
                f"Specimen {WORDS[n % len(WORDS)]} received fresh in formalin, part {n}",
                "The specimen is sliced from medial to lateral and wholly embedded.",
                "Invasive carcinoma of the left breast." if n == 1 else "Benign breast tissue.",
                f"Greatest dimension {11 + n} mm" if n == 1 else "Skin and muscle are normal.",
                *[
                    f"Slide {WORDS[line]} shows fibrous tissue without a lesion."
                    for line in range(3)
                ],
                f"Page {n} of {pages}" if numbered else "",
            ]
            for n in range(1, pages + 1)
        ),
        size=14,
    )
    return [files.rendered(content, n, 110) for n in range(pages)]


def photo(page: Image.Image, turn: int = 0, desk: int = 60) -> bytes:
    """The page photographed on a dark desk, lying `turn` degrees counter-clockwise."""
    ground = Image.new("L", (page.width + 200, page.height + 160), desk)
    ground.paste(page, (90, 70))
    return files.image_bytes(ground.rotate(turn, expand=True), "JPEG", quality=90)


def documents(play: Play) -> list[Document]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(Document).order_by(col(Document.id))))


def whole(play: Play) -> Document:
    (one,) = [document for document in documents(play) if document.notes.get("photos")]
    return one


def kinds(play: Play) -> list[str]:
    return [task.kind for task in play.tasks() if task.kind != "triage_inquiry"]


@pytest.mark.timeout(300)
def test_photos_in_any_order_and_turn_are_one_upright_document(play: Play) -> None:
    pages = report(4)
    turns = {3: 90, 0: 180, 2: 270, 1: 0}
    play.open(*(photo(pages[n], turn) for n, turn in turns.items()))
    play.run()
    one = whole(play)
    assert one.notes["photos"] == [2, 4, 3, 1] and (one.pages, one.state) == (4, "proposed")
    read = load_pages(play.world.storage, one.text_object_key or "")
    assert [f"Page {n} of 4" in page.text for n, page in enumerate(read, 1)] == [True] * 4
    assert len({page.width for page in read}) == 1, "uniformly shown"
    assert all(word.box[1] < other.box[3] for page in read
               for word, other in zip(page.words, page.words[1:], strict=False))  # fmt: skip
    shown: Any = pypdfium2.PdfDocument(play.world.storage.get(one.object_key))  # type: ignore[no-untyped-call]
    edges = [shown[n].render(scale=0.3).to_pil().convert("L").resize((9, 9)) for n in range(4)]
    assert all(min(edge.getpixel((4, 0)), edge.getpixel((0, 4))) > 200 for edge in edges), "no desk"
    assert kinds(play) == ["review_findings"] and play.messages(template="M05") == []
    photos = [document for document in documents(play) if document.id != one.id]
    assert [(p.state, p.notes["joined_in"]) for p in photos] == [("superseded", one.id)] * 4
    assert len(play.events("document.superseded")) == 4
    for document in photos:
        Image.open(io.BytesIO(play.world.storage.get(document.object_key))).verify()


@pytest.mark.timeout(300)
def test_photos_of_two_people_and_those_beside_a_report_stay_apart(play: Play) -> None:
    ours, theirs = report(2, numbered=False), report(2, "Mary Other", numbered=False)
    play.open(photo(ours[0]), photo(theirs[1]))
    play.run()
    assert not any(document.notes.get("photos") for document in documents(play))
    assert sorted(kinds(play)) == ["review_findings", "settle_wrong_patient"]
    assert play.messages(template="M05") == []


@pytest.mark.timeout(300)
def test_photos_are_proposed_before_a_long_report_of_their_sending_is_read(play: Play) -> None:
    pages = report(2)
    long = drawn(*[["Blood count", f"Patient name: {ROSA.name}", "Haemoglobin 12.1 g/dl"]] * 40)
    play.open(photo(pages[0]), photo(pages[1]), long + b"%" * 10**6)
    runner = Runner(play.world, STEPS)
    runner.drain("ingestion.store_document")
    with transaction(play.world.engine) as session:  # nobody comes to the long one
        row = session.scalars(
            select(StepRun).where(
                col(StepRun.name) == "extraction.read_document",
                col(StepRun.objects)["document_id"].as_integer() == documents(play)[2].id,
            )
        ).one()
        row.due_at = play.clock.now() + timedelta(days=1)
    for step in ("read_document", "join_photos", "propose_findings"):
        runner.drain(f"extraction.{step}")
    assert (whole(play).state, documents(play)[2].state) == ("proposed", "stored")


@pytest.mark.timeout(300)
def test_a_report_between_photos_parts_them(play: Play) -> None:
    pages = report(4, numbered=False)
    between = drawn(["Blood count", f"Patient name: {ROSA.name}", "Haemoglobin 12.1 g/dl"])
    play.open(photo(pages[0]), photo(pages[1]), between, photo(pages[2]), photo(pages[3]))
    play.run()
    made = [document.notes["photos"] for document in documents(play) if "photos" in document.notes]
    assert made == [[1, 2], [4, 5]] and kinds(play) == ["review_findings"] * 3


@pytest.mark.timeout(300)
def test_a_page_photographed_twice_is_one_page_and_one_that_cannot_be_read_is_named(
    play: Play,
) -> None:
    pages = report(2)
    again = photo(pages[0], desk=62)
    dark = files.image_bytes(Image.new("L", (800, 600), 9), "JPEG")
    play.open(photo(pages[0]), dark, again, photo(pages[1]))
    play.run()
    one = whole(play)
    assert one.pages == 2 and set(one.notes["photos"]) < {1, 3, 4}
    (letter,) = play.messages(template="M05")
    assert "Your photo 2 of 4. Why: no text could be read on it." in letter.body
    assert "3 readable files have arrived" in letter.body
    assert sorted(kinds(play)) == ["repair_document", "review_findings"]


@pytest.mark.timeout(300)
def test_photos_are_put_together_once_however_often_the_step_runs(play: Play) -> None:
    play.open(*(photo(page) for page in report(2)))
    play.run()
    with transaction(play.world.engine) as session:
        recorder = Recorder(session, play.world.process, play.clock.now())
        for _ in range(2):
            recorder.request("join_photos", case_id=play.case_id, objects={"document_id": 1})
        recorder.flush()
    play.run()
    assert len(documents(play)) == 3 and kinds(play) == ["review_findings"]


@pytest.mark.timeout(300)
def test_a_person_parts_photos_and_joins_them_again(play: Play) -> None:
    pages = report(3)
    play.open(*(photo(page) for page in pages))
    play.run()
    first = whole(play)
    take_apart(play.world, first.id or 0, COORDINATOR)
    play.run()
    assert [document.state for document in documents(play)] == ["proposed"] * 3 + ["superseded"]
    assert kinds(play) == ["review_findings"] * 3
    with pytest.raises(DecisionRefused, match="not put together"):
        take_apart(play.world, first.id or 0, COORDINATOR)
    with pytest.raises(DecisionRefused, match="at least two"):
        join_chosen(play.world, play.case.ref, [1], COORDINATOR)
    with pytest.raises(DecisionRefused, match="coordinator"):
        join_chosen(play.world, play.case.ref, [1, 2], Actor("clinician", "d1"))
    join_chosen(play.world, play.case.ref, [3, 1], COORDINATOR)
    play.run()
    second = documents(play)[-1]
    assert second.notes["photos"] == [1, 3] and kinds(play) == ["review_findings"] * 2
    join_chosen(play.world, play.case.ref, [2, second.id or 0], COORDINATOR)
    play.run()
    third = documents(play)[-1]
    assert third.notes["photos"] == [1, 2, 3] and kinds(play) == ["review_findings"]
    play.confirm()
    with pytest.raises(DecisionRefused, match="settled"):
        take_apart(play.world, third.id or 0, COORDINATOR)
