"""What a PDF page takes back or does not show: layers, strikes, and what lies outside its frame."""

import pytest

from tests.adapters.reader import files
from tests.adapters.reader.pages import assert_sound, pages_of

NEGATIVE, POSITIVE = "HER2: negative (IHC 1+)", "HER2: positive (IHC 3+)"


def layered(properties: bytes, content: bytes, more: tuple[tuple[int, bytes], ...] = ()) -> bytes:
    """Return a page with layers: 50,000 is called On, 50,001 Off."""
    groups = (
        (50_000, b"<< /Type /OCG /Name (final) >>"),
        (50_001, b"<< /Type /OCG /Name (draft) >>"),
    )
    return files.by_hand(
        content,
        catalog=b"/OCProperties " + properties,
        resources=b"/Properties << /On 50000 0 R /Off 50001 0 R /Both 50002 0 R >>"
        b" /XObject << /Form 50003 0 R >>",
        more=[*groups, *more],
    )


OFF = b"<< /OCGs [50000 0 R 50001 0 R] /D << /ON [50000 0 R] /OFF [50001 0 R] >> >>"
BASE_OFF = b"<< /OCGs [50000 0 R 50001 0 R] /D << /BaseState /OFF /ON [50000 0 R] >> >>"


@pytest.mark.parametrize("properties", [OFF, BASE_OFF])
def test_a_layer_that_is_off_is_not_read(properties: bytes) -> None:
    content = (
        b"/OC /Off BDC /Span << /A 1 >> BDC " + files.text(POSITIVE) + b" EMC EMC "
        b"/OC /On BDC " + files.text(NEGATIVE, y=600) + b" EMC"
    )
    assert pages_of(layered(properties, content))[0].text == NEGATIVE


@pytest.mark.parametrize(
    ("policy", "shown"),
    [(b"", True), (b"/P /AllOn", False), (b"/P /AnyOff", True), (b"/P /AllOff", False)],
)
def test_a_membership_of_layers_follows_its_policy(policy: bytes, shown: bool) -> None:
    member = b"<< /Type /OCMD /OCGs [50000 0 R 50001 0 R] %s >>" % policy
    content = files.text(NEGATIVE) + b" /OC /Both BDC " + files.text("Addendum", y=600) + b" EMC"
    page = pages_of(layered(OFF, content, ((50_002, member),)))[0]
    assert ("Addendum" in page.text) == shown


def test_a_form_on_a_layer_that_is_off_is_not_read() -> None:
    form = files.form(files.text(POSITIVE, y=500), b"/OC 50001 0 R")
    content = files.text(NEGATIVE) + b" /Form Do"
    assert pages_of(layered(OFF, content, ((50_003, form),)))[0].text == NEGATIVE


@pytest.mark.parametrize("line", [
    b"1 w 70 704 m 260 704 l S",
    b"70 703.5 190 1 re f",
    b"70 703.5 m 260 703.5 l 260 704.2 l 70 704.2 l h f",
    b"70 704 m 120 704 l S 121 704 m 260 704 l S",
])  # fmt: skip
def test_struck_out_words_are_not_read(line: bytes) -> None:
    content = files.text(POSITIVE) + b" " + line + b" " + files.text(NEGATIVE, y=600)
    page = pages_of(files.by_hand(content))[0]
    assert page.text == NEGATIVE
    assert "struck" in page.reason


def test_one_struck_word_leaves_the_others() -> None:
    content = files.text("HER2: positive negative") + b" 111 704 m 151 704 l S"
    assert pages_of(files.by_hand(content))[0].text == "HER2: negative"


@pytest.mark.parametrize("line", [
    b"70 698 m 260 698 l S",  # under it
    b"70 712 m 260 712 l S",  # over it
    b"66 690 200 24 re S",  # a frame
    b"150 690 m 150 715 l S",  # a border of a table
    b"70 704 m 90 704 l S",  # too short
    b"70 704 m 260 704 l n",  # not painted
])  # fmt: skip
def test_other_lines_strike_nothing_out(line: bytes) -> None:
    assert pages_of(files.by_hand(files.text(POSITIVE) + b" " + line))[0].text == POSITIVE


def test_a_strike_out_mark_takes_words_back() -> None:
    mark = (
        b"<< /Type /Annot /Subtype /StrikeOut /Rect [70 698 260 712]"
        b" /QuadPoints [70 711 260 711 70 697 260 697] >>"
    )
    content = files.by_hand(
        files.text(POSITIVE) + b" " + files.text(NEGATIVE, y=600),
        page_entries=b"/Annots [50000 0 R]",
        more=[(50_000, mark)],
    )
    assert pages_of(content)[0].text == NEGATIVE


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_what_lies_outside_the_crop_box_is_not_on_the_page(turn: int) -> None:
    content = files.by_hand(
        files.text("Jane Example, size 14 mm") + b" " + files.text("Mary Other, size 48 mm", x=680),
        media_box=b"[0 0 1190 842]",
        page_entries=b"/CropBox [20 100 600 800] /Rotate %d" % turn,
    )
    page = pages_of(content)[0]
    assert page.text == "Jane Example, size 14 mm"
    assert (page.width, page.height) == ((580, 700) if turn in (0, 180) else (700, 580))
    assert_sound(page)
    if turn == 0:
        assert page.words[0].box[0] == pytest.approx(52, abs=0.5)
        assert page.words[0].box[3] == pytest.approx(100 + 12 * 0.21, abs=1)


def test_a_crop_box_beside_the_page_is_ignored() -> None:
    content = files.by_hand(files.text(NEGATIVE), page_entries=b"/CropBox [900 900 950 950]")
    assert pages_of(content)[0].text == NEGATIVE
