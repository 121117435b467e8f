"""The case's documents: a file of several reports shows its parts, a second print its first."""

from collections.abc import Callable

from rehearsal.documents import breast_synoptic
from rehearsal.reports import ROSA
from tests.extractors.drawing import MRI_LINES, drawn, joined, pages_of
from tests.web.parts import Visitor
from tests.workflows.playing import Play


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
    assert "<span>p. 1: pathology biopsy</span><span>p. 2–3: imaging mri</span>" in words
    assert words.count("<span>p. 1: ") == 1, "a file of one report needs no page ranges"
