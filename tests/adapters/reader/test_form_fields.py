"""Filled PDF forms: what a field holds is read once, in its place, and only what was chosen."""

import random

import pytest

from extractors import extract
from extractors.types import Extraction, Page
from tests.adapters.reader import files
from tests.adapters.reader.filled_forms import QUESTIONS, Asked, Form, buttons, made
from tests.adapters.reader.pages import assert_sound, pages_of

HEAD = "Specimen: left breast, lumpectomy. Invasive ductal carcinoma."


def page_of(content: bytes) -> Page:
    (page,) = pages_of(content)
    assert_sound(page)
    return page


def values(page: Page) -> dict[str, object]:
    return {one.field: one.value for one in extract([page], document_id="1").findings}


def asked(page: Page) -> Extraction:
    return extract([page], document_id="1")


def widget(entries: bytes, *more: tuple[int, bytes], anew: bool = False) -> bytes:
    """A page with one widget beside the label "ER:", at 100 to 300 points from the left."""
    form = b"/AcroForm << /Fields [50000 0 R] /NeedAppearances %s >>" % str(anew).lower().encode()
    body = b"<< /Type /Annot /Subtype /Widget /Rect [100 696 300 712] %s >>" % entries
    return files.by_hand(
        files.text("ER:"),
        catalog=form,
        page_entries=b"/Annots [50000 0 R]",
        more=[(50_000, body), *more],
    )


def look(words: str) -> tuple[int, bytes]:
    entries = b"/Subtype /Form /BBox [0 0 200 16] /Resources << /Font << /F1 3 0 R >> >>"
    content = b"/Tx BMC BT /F1 11 Tf 2 4 Td (%s) Tj ET EMC" % words.encode()
    return 50_001, files.stream(content, entries)


@pytest.mark.parametrize("ticks", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_forms_state_what_was_filled_in_and_nothing_else(seed: int, ticks: bool) -> None:
    content, stated = made(random.Random(seed), ticks=ticks)
    found = values(page_of(content))
    assert {name: found[name] for name in QUESTIONS if name in found} == stated


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("seed", range(3))
def test_another_button_is_another_value_and_none_is_a_question(name: str, seed: int) -> None:
    label, answers = QUESTIONS[name]
    for given in (*range(len(answers)), None):
        form = Form()
        form.print(HEAD)
        form.y -= 26
        one = Asked(label, tuple(words for words, _ in answers), given or 0)
        buttons(form, one, random.Random(f"{name} {seed}"), given=given)
        extraction = asked(page_of(form.pdf(anew=False)))
        stated = {one.field: one.value for one in extraction.findings}
        if given is None:
            assert name not in stated
            assert [one.reason for one in extraction.questions] == ["nothing_ticked"]
        else:
            assert stated[name] == answers[given][1]


@pytest.mark.parametrize(
    ("buttons", "value"),
    [
        ((b"/AS /a0", b"/AS /Off"), b"/V /a1"),  # the look of one, the value of the other
        ((b"/AS /a0", b"/AS /a1"), b"/V /a1"),  # two looks
        ((b"/AS /Off", b"/AS /Off"), b"/V /a1"),  # a value and no look
        ((b"/AS /Off", b"/AS /Off"), b"/V /other"),  # a value that no button has
    ],
)
def test_a_button_whose_look_and_value_differ_is_a_question(
    buttons: tuple[bytes, bytes], value: bytes
) -> None:
    kids = [
        b"<< /Type /Annot /Subtype /Widget /Rect [%d 696 %d 708] /Parent 50009 0 R %s "
        b"/AP << /N << /a%d 50008 0 R /Off 50008 0 R >> >> >>" % (100 + 90 * at, 112 + 90 * at, one,
                                                                  at)
        for at, one in enumerate(buttons)
    ]  # fmt: skip
    content = files.by_hand(
        b" ".join((
            files.text(HEAD, y=730), files.text("HER2:"), files.text("Positive", x=116),
            files.text("Negative", x=206),
        )),
        catalog=b"/AcroForm << /Fields [50009 0 R] >>",
        page_entries=b"/Annots [50000 0 R 50001 0 R]",
        more=[
            (50_000, kids[0]), (50_001, kids[1]), (50_008, files.form(b"")),
            (50_009, b"<< /FT /Btn /Ff 32768 /T (g) %s /Kids [50000 0 R 50001 0 R] >>" % value),
        ],
    )  # fmt: skip
    extraction = asked(page_of(content))
    assert "breast.her2" not in {one.field for one in extraction.findings}
    assert [one.field for one in extraction.questions] == ["breast.her2"]


def group(value: bytes, on: int, exported: bytes = b"") -> bytes:
    """Two radio buttons with the looks /0 and /1; the one at `on` has it, the other is off."""
    kids = [
        b"<< /Type /Annot /Subtype /Widget /Rect [%d 696 %d 708] /Parent 50009 0 R /AS /%s "
        b"/AP << /N << /%d 50008 0 R >> >> >>"
        % (100 + 90 * at, 112 + 90 * at, b"%d" % at if at == on else b"Off", at)
        for at in range(2)
    ]
    words = (files.text("Positive", x=116), files.text("Negative", x=206))
    field = b"<< /FT /Btn /Ff 49152 /T (g) %s %s /Kids [50000 0 R 50001 0 R] >>" % (value, exported)
    return files.by_hand(
        b" ".join(words),
        catalog=b"/AcroForm << /Fields [50009 0 R] >>",
        page_entries=b"/Annots [50000 0 R 50001 0 R]",
        more=[(50_000, kids[0]), (50_001, kids[1]), (50_008, files.form(b"")), (50_009, field)],
    )


@pytest.mark.parametrize("on", [0, 1])
@pytest.mark.parametrize("exported", [b"", b"/Opt [(1) (2)]", b"/Opt [(Positive) (Negative)]"])
def test_buttons_are_told_by_their_looks_whatever_they_export(on: int, exported: bytes) -> None:
    text = page_of(group(b"/V /%d" % on, on, exported)).text
    assert text == ("☒ Positive ☐ Negative", "☐ Positive ☒ Negative")[on]


@pytest.mark.parametrize("on", [0, 1])
def test_a_value_that_is_what_a_button_exports_is_that_button(on: int) -> None:
    value = b"/V (%s)" % (b"Positive", b"Negative")[on]
    text = page_of(group(value, on, b"/Opt [(Positive) (Negative)]")).text
    assert text == ("☒ Positive ☐ Negative", "☐ Positive ☒ Negative")[on]


def test_a_comb_of_letters_is_one_word() -> None:
    letters = b" ".join(b"BT /F1 9 Tf %d 4 Td (%c) Tj ET" % (2 + 20 * at, letter)
                        for at, letter in enumerate(b"pT1c"))  # fmt: skip
    entries = b"/Subtype /Form /BBox [0 0 200 16] /Resources << /Font << /F1 3 0 R >> >>"
    comb = b"/FT /Tx /T (a) /Ff 16777216 /MaxLen 10 /V (pT1c) /AP << /N 50001 0 R >>"
    assert page_of(widget(comb, (50_001, files.stream(letters, entries)))).text == "ER: pT1c"


def test_a_field_with_a_look_is_read_once() -> None:
    entries = b"/FT /Tx /T (a) /V (positive 95%) /AP << /N 50001 0 R >>"
    assert page_of(widget(entries, look("positive 95%"))).text == "ER: positive 95%"


def test_viewers_that_draw_anew_show_the_value() -> None:
    entries = b"/FT /Tx /T (a) /V (negative 0%) /AP << /N 50001 0 R >>"
    page = page_of(widget(entries, look("positive 95%"), anew=True))
    assert page.text == "ER: negative 0%"
    assert page.doubtful, "other viewers show what it looks like"


def test_a_look_that_says_something_else_than_the_value_is_doubted() -> None:
    entries = b"/FT /Tx /T (a) /V (negative) /AP << /N 50001 0 R >>"
    page = page_of(widget(entries, look("positive")))
    assert page.text == "ER: positive"
    assert page.doubtful
    same = page_of(widget(entries, look("Negative, 0%")))
    assert not same.doubtful


@pytest.mark.parametrize(
    "entries",
    [
        b"/FT /Tx /T (a) /V (positive) /F 2",  # hidden
        b"/FT /Tx /T (a) /V (secret) /Ff 8192",  # a password
        b"/FT /Tx /T (a) /DV (positive)",  # what it holds before anybody typed
        b"/FT /Ch /T (a) /Opt [(positive) (negative)]",  # nothing chosen
        b"/FT /Sig /T (a)",
        b"/T (a)",
        b"/FT /Tx /T (a) /V 50000 0 R",
        b"/FT /Tx /T (a) /V (x) /Rect [1 2]",
    ],
)
def test_what_nobody_filled_in_is_not_read(entries: bytes) -> None:
    assert page_of(widget(entries)).text == "ER:"


def test_several_chosen_entries_of_a_list_are_read_by_their_shown_names() -> None:
    entries = b"/FT /Ch /T (a) /Ff 2097152 /Opt [[(1) (one)] [(2) (two)] (three)] /V [(1) (three)]"
    assert page_of(widget(entries)).text == "ER: one, three"


def test_a_long_value_is_wrapped_in_its_field() -> None:
    words = "Invasive carcinoma of no special type in a background of ductal carcinoma in situ"
    entries = b"/FT /Tx /T (a) /Ff 4096 /V (%s) /DA (/Helv 9 Tf)" % words.encode()
    page = page_of(widget(entries.replace(b"/FT", b"/Rect [100 640 300 712] /FT")))
    assert page.text.replace("\n", " ").split() == ["ER:", *words.split()]
    assert all(word.box[2] <= 301 for word in page.words)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_fields_of_turned_pages_are_in_their_places(turn: int) -> None:
    content = widget(b"/FT /Tx /T (a) /V (positive)").replace(
        b"/Annots", b"/Rotate %d /Annots" % turn
    )
    page = page_of(content)
    (value,) = (word for word in page.words if word.text == "positive")
    x = {0: 102, 90: 0, 180: 314, 270: 0}[turn]
    if x:
        assert value.box[0] == pytest.approx(x, abs=1)
    assert 0 < value.box[1] < page.height


def test_a_typed_note_without_a_look_is_read() -> None:
    note = b"<< /Type /Annot /Subtype /FreeText /Rect [100 600 300 640] /Contents (HER2 2+) >>"
    content = files.by_hand(
        files.text("Report"), page_entries=b"/Annots [50000 0 R]", more=[(50_000, note)]
    )
    assert page_of(content).text == "Report\nHER2 2+"


def test_a_page_of_values_alone_is_not_empty() -> None:
    content = widget(b"/FT /Tx /T (a) /V (ER positive)").replace(b"(ER:)", b"()   ")
    assert page_of(content).text == "ER positive"


def test_a_unit_in_the_label_counts() -> None:
    lines = ("Specimen: left breast, lumpectomy", "Invasive ductal carcinoma",
             "Tumor size (cm): 1.4", "Ki-67 (%): 12")  # fmt: skip
    found = values(page_of(files.drawn(files.written(lines))))
    assert found["breast.size_mm"] == 14
    assert found["breast.ki67_percent"] == 12
