"""A value that a person read in a document counts as that document does, and names its place."""

import pytest
from sqlalchemy import select
from sqlmodel import Session, col

from models import FindingRecord
from tests.workflows.playing import Play
from tests.workflows.test_chain import play
from workflows.decisions import DecisionRefused

__all__ = ["play"]

RESECTION = """SURGICAL PATHOLOGY REPORT
Date of report: 2026-10-01
SPECIMEN: left breast, lumpectomy
FINAL DIAGNOSIS:
Left breast, lumpectomy: invasive ductal carcinoma, grade 2, 1.4 cm. Margins negative.
HER2: [ ] Positive (3+)  [ ] Negative (1+)
"""
CORE = """SURGICAL PATHOLOGY REPORT
FINAL DIAGNOSIS:
Left breast, core needle biopsy: invasive ductal carcinoma, grade 2.
"""
LETTER = """Dear Dr. Moran,
thank you for referring this patient with breast cancer. On examination there is a 2 cm lump.
I have asked for the pathology and will see her again.
Kind regards,
Dr. A. Lind
"""


def added(play: Play, field: str) -> FindingRecord:
    with Session(play.world.engine) as session:
        query = select(FindingRecord).where(col(FindingRecord.field) == field)
        return session.scalars(query.where(col(FindingRecord.extractor_version) == "by-hand")).one()


@pytest.mark.parametrize(
    ("text", "rank"),
    [(RESECTION, "final_pathology"), (CORE, "core_biopsy"), (LETTER, "clinic_letter")],
)
def test_a_typed_value_has_the_rank_of_its_document(play: Play, text: str, rank: str) -> None:
    play.open(text.encode())
    play.run()
    play.confirm(**{"breast.er": "positive"})
    assert added(play, "breast.er").source == rank


def test_a_chosen_answer_keeps_page_words_and_day(play: Play) -> None:
    play.open(RESECTION.encode())
    play.run()
    play.confirm(**{"breast.her2": "negative"})
    chosen = added(play, "breast.her2")
    assert (chosen.page, chosen.quote) == (1, "Negative (1+)")
    assert chosen.report_date == "2026-10-01"


def test_a_typed_value_that_the_page_does_not_print_quotes_nothing(play: Play) -> None:
    play.open(RESECTION.encode())
    play.run()
    given = {"breast.her2": "equivocal", "report_date": "2026-10-03"}
    play.confirm(**given)
    typed = added(play, "breast.her2")
    assert (typed.page, typed.quote, typed.report_date) == (None, None, "2026-10-03")


def test_whoever_says_that_a_report_is_the_final_one_gives_its_values_that_rank(play: Play) -> None:
    play.open(CORE.encode())
    play.run()
    given = {"final_pathology": "yes", "breast.er": "positive"}
    play.confirm(**given)
    with Session(play.world.engine) as session:
        ranks = {row.field: row.source for row in session.scalars(select(FindingRecord))}
    assert ranks["breast.grade"] == ranks["breast.er"] == "final_pathology"
    assert "core_biopsy" not in ranks.values()


def rows_of(play: Play, field: str) -> list[tuple[object, str]]:
    with Session(play.world.engine) as session:
        query = select(FindingRecord).where(col(FindingRecord.field) == field)
        rows = session.scalars(query.order_by(col(FindingRecord.id)))
        return [(row.value, row.state) for row in rows]


def test_typing_a_value_once_more_corrects_it_and_the_same_again_writes_nothing(play: Play) -> None:
    play.open(CORE.encode())
    play.run()
    for value in ("true", "true", "false"):
        play.answer("review_findings", "settle", **{"patient.pregnant": value})
    assert rows_of(play, "patient.pregnant") == [(True, "rejected"), (False, "corrected")]


@pytest.mark.parametrize("nothing", ["null", " null "])
def test_null_is_not_a_value_that_somebody_typed(play: Play, nothing: str) -> None:
    play.open(CORE.encode())
    play.run()
    with pytest.raises(DecisionRefused, match="null is no value"):
        play.confirm(**{"patient.pregnant": nothing})
    assert rows_of(play, "patient.pregnant") == []
