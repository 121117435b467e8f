"""Imaging belongs to the patient its headers name; a study counts once and settles its item."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlmodel import Session, col

from adapters.clock import FixedClock
from local.rehearsal.documents import breast_synoptic
from local.rehearsal.reports import ROSA
from models import Document, StepRun
from settings import Settings
from tests.adapters.reader import files
from tests.workflows.playing import Play
from workflows.documents.completeness import compare
from workflows.documents.imaging import imaging_of
from workflows.engine.world import World

OURS = {"patient": "Exempla^Rosa", "born": "19630517", "sex": "F"}


@pytest.fixture
def play(engine: Engine, settings: Settings, clock: FixedClock, storage: Any) -> Play:
    return Play(World(settings, engine=engine, clock=clock), clock)


def slices(first: int, last: int, series: str = "1.2.1.1", **header: Any) -> bytes:
    return files.zipped(
        {
            f"IM{n}": files.dicom("CT", "1.2.1", series, image=f"{series}.{n}", **header)
            for n in range(first, last + 1)
        }
    )


def documents(play: Play) -> list[Document]:
    with Session(play.world.engine) as session:
        return list(session.scalars(select(Document).order_by(col(Document.id))))


def asked(play: Play) -> list[str]:
    return [task.kind for task in play.tasks() if task.kind != "triage_inquiry"]


def lacks_imaging(play: Play) -> bool:
    with Session(play.world.engine) as session:
        case = play.case
        case.site = "pancreas"
        result = compare(session, play.world.playbooks.completeness, case, date(2027, 1, 1))
    return "dicom" in {item.code for item in (*result.missing, *result.wanted)}


def counted(play: Play) -> list[tuple[int, int, int]]:
    with Session(play.world.engine) as session:
        studies = imaging_of(session, play.case_id)
        return [(one.series, one.count, len(one.documents)) for one in studies]


NOT_STATED = {
    "blank": {},
    "anonymous": {"patient": "ANONYMOUS", "born": "19000101", "sex": "M"},
    "crossed out": {"patient": "XXXX^XXXX", "born": "19990101"},
    "a code": {"patient": "SUBJ-0042", "born": "19700101", "sex": "M", "record": "SUBJ-0042"},
    "removed": {"patient": "Other^Mary", "born": "19880605", "removed": "YES"},
    "another script": {"patient": "王^小明", "charset": "GB18030"},
    "no letters": {"patient": "^^^^"},
}


@pytest.mark.parametrize("header", NOT_STATED.values(), ids=NOT_STATED)
def test_a_header_that_names_nobody_is_not_stated_and_never_a_mismatch(
    play: Play, header: dict[str, str]
) -> None:
    play.open(slices(1, 3, **header))
    play.run()
    (document,) = documents(play)
    assert (document.state, document.identity_result) == ("proposed", "unclear")
    assert asked(play) == [] and not lacks_imaging(play)


@pytest.mark.parametrize("name", ["Exempla^Rosa", "EXEMPLA^ROSA^MARIA^^Mrs", "Exempla^R=王^小明"])
def test_our_patients_imaging_settles_the_item_with_its_series_and_images(
    play: Play, name: str
) -> None:
    play.open(slices(1, 4, **{**OURS, "patient": name, "charset": "ISO_IR 192"}))
    play.run()
    (document,) = documents(play)
    assert (document.state, document.identity_result) == ("proposed", "match")
    assert asked(play) == [] and not lacks_imaging(play) and counted(play) == [(1, 4, 1)]
    assert name.partition("^")[0].lower() not in repr(document.notes).lower()


OTHERS = {
    "name": {"patient": "Other^Mary"},
    "birth date": {"patient": "Exempla^Rosa", "born": "19880605"},
    "sex": {"patient": "Exempla^Rosa", "sex": "M"},
}


@pytest.mark.parametrize("header", OTHERS.values(), ids=OTHERS)
def test_another_persons_imaging_is_locked_away_and_asked_about_once(
    play: Play, header: dict[str, str]
) -> None:
    play.open(slices(1, 2, **header), slices(3, 4, **header))
    play.run()
    assert [one.state for one in documents(play)] == ["quarantined"] * 2
    assert asked(play) == ["settle_wrong_patient"] and play.messages(template="M05") == []
    assert lacks_imaging(play) and counted(play) == []
    assert not any("Mary" in repr(event.payload) for event in play.events())
    play.answer("settle_wrong_patient", "belongs_here", "the hospital typed it wrongly")
    assert [one.state for one in documents(play)] == ["proposed"] * 2
    assert not lacks_imaging(play) and counted(play) == [(1, 4, 2)] and asked(play) == []


def test_parts_of_a_study_are_one_and_a_second_copy_counts_nothing(play: Play) -> None:
    first, second = slices(1, 20, **OURS), slices(21, 40, **OURS)
    other = slices(1, 5, series="1.2.1.2", **OURS)
    again = files.zipped({"again": slices(1, 20, **OURS)})
    play.open(first, second, other, again)
    play.run()
    assert counted(play) == [(2, 45, 3)]
    assert documents(play)[-1].state == "duplicate" and asked(play) == []


def test_imaging_of_two_people_on_one_disc_is_asked_about(play: Play) -> None:
    theirs = files.dicom("MR", "1.3", "1.3.1", patient="Other^Mary")
    play.open(files.zipped({"a": files.dicom("CT", "1.2", "1.2.1", **OURS), "b": theirs}))  # type: ignore[arg-type]
    play.run()
    assert asked(play) == ["settle_wrong_patient"] and lacks_imaging(play)


def test_imaging_that_comes_last_lets_the_case_move_on(play: Play) -> None:
    play.open(breast_synoptic(ROSA))
    play.run()
    play.add(slices(1, 3, **OURS))
    assert [one.label for one in documents(play)][-1] == "dicom_study"
    with Session(play.world.engine) as session:
        runs = session.scalars(
            select(col(StepRun.id)).where(
                col(StepRun.name) == "ingestion.check_batch", col(StepRun.case_id) == play.case_id
            )
        ).all()
    assert runs
