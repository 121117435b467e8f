"""The clinician's paper of a case, and the pictures of its quoted lines."""

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw
from pypdfium2 import PdfDocument

from adapters.pictures.asking import NoPicture, Pictures
from local.rehearsal.people import SIGNER
from tests.workflows.acts import to_clinician, to_review
from tests.workflows.playing import Play
from tests.workflows.screening.test_signatures import sign_as
from tests.workflows.test_chain import play
from workflows.screening.report_pdf import NoResult, case_report_pdf

PICTURES = Pictures()
IMAGE = 3  # FPDF_PAGEOBJ_IMAGE
__all__ = ["play"]


def pages_of(content: bytes) -> list[Any]:
    return list(PdfDocument(content))  # type: ignore[no-untyped-call]


def words(content: bytes) -> str:
    text = " ".join(page.get_textpage().get_text_range() for page in pages_of(content))
    return " ".join(text.split())


def pictures(content: bytes) -> int:
    objects = [one for page in pages_of(content) for one in page.get_objects()]
    return len([one for one in objects if one.type == IMAGE])


def page(lines: int = 5) -> bytes:
    image = Image.new("RGB", (1100, 400), "white")
    for number in range(lines):
        ImageDraw.Draw(image).rectangle((100, 40 + 60 * number, 500, 60 + 60 * number), "black")
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def strip_of(box: tuple[float, ...]) -> Image.Image:
    return Image.open(io.BytesIO(PICTURES.line(page(), 550.0, box)))


def test_a_line_is_cut_out_with_its_frame_and_without_its_neighbours() -> None:
    strip = strip_of((50, 50, 250, 60))
    assert strip.height <= 40
    assert 400 <= strip.width <= 440
    colours = {strip.getpixel((x, strip.height // 2)) for x in range(strip.width)}
    assert (0, 0, 0) in colours and (0xB4, 0x54, 0x1F) in colours


def test_a_picture_shows_the_whole_line_that_a_word_stands_on() -> None:
    assert 400 <= strip_of((50, 50, 60, 60)).width <= 440


def test_a_box_outside_the_page_is_refused() -> None:
    outside = [(50, 900, 250, 910), (250, 50, 50, 60), (50, -90, 250, -80)]
    assert PICTURES.raw_lines(page(), 550.0, outside) == [None, None, None]
    with pytest.raises(NoPicture):
        PICTURES.line(page(), 550.0, outside[0])
    with pytest.raises(NoPicture):
        PICTURES.line(page(), 0.0, (50, 50, 250, 60))


def test_who_draws_the_paper_gets_bare_points() -> None:
    (strip,) = PICTURES.raw_lines(page(), 550.0, [(50, 50, 250, 60)])
    assert strip is not None and strip.startswith(b"P6 ")
    assert (
        Image.open(io.BytesIO(strip)).convert("RGB").tobytes()
        == strip_of((50, 50, 250, 60)).convert("RGB").tobytes()
    )


def test_a_case_without_a_result_has_no_paper(play: Play) -> None:
    to_review(play)
    with pytest.raises(NoResult, match="no result yet"):
        case_report_pdf(play.world, play.case.ref)
    with pytest.raises(NoResult, match="no result after surgery yet"):
        case_report_pdf(play.world, play.case.ref, "postop")


def test_the_paper_of_a_signed_case(play: Play) -> None:
    to_clinician(play)
    unsigned = case_report_pdf(play.world, play.case.ref)
    said = words(unsigned.content)
    assert "no clinician has signed this result" in said
    assert "Rosa" not in said and "1963" not in said
    assert pictures(unsigned.content) >= 3
    given = {"outcome": "suitable_for_outreach"}
    given["signer_registration"] = SIGNER["signer_registration"]
    sign_as("d1", play, "review_case", "second_opinion", "a rare type", **given)
    sign_as("d2", play, "second_opinion", "suitable_for_outreach", "so do I")
    said = words(case_report_pdf(play.world, play.case.ref.lower()).content)
    named = ", ".join(SIGNER.values())
    assert (
        f"{named} (d1), opinion: suitable for outreach" in said
        and "Reason given: a rare type" in said
    )
    other = named.replace(SIGNER["signer_registration"], "EX-d2")
    assert f"{other} (d2), second opinion: suitable for outreach" in said
    assert "no clinician has signed" not in said and "program has changed" not in said
    assert "Where the sources disagree" in said and "Unknown, and to be asked" in said
    assert "breast_targit_a" in said
