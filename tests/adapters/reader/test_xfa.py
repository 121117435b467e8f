"""Forms that only Adobe's programs draw: their data is read, or their sender is told."""

import random

import pytest

from adapters.reader.messages import XFA_FORM, code_of
from extractors import extract
from tests.adapters.reader import files
from tests.adapters.reader.filled_forms import QUESTIONS
from tests.adapters.reader.pages import read

WAIT = files.text("Please wait... If this message is not eventually replaced, use another viewer.")
TEMPLATE = '<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/">{}</template>'
DATASETS = (
    '<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><form1>{}</form1>'
    "</xfa:data></xfa:datasets>"
)


def form(data: str, template: str = "", *, page: bytes = WAIT, parts: bool = True) -> bytes:
    packets = [
        ("preamble", '<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">'),
        ("template", TEMPLATE.format(template)),
        ("datasets", DATASETS.format(data)),
        ("postamble", "</xdp:xdp>"),
    ]
    if not parts:
        packets = [("whole", "".join(text for _, text in packets))]
    numbers = range(50_000, 50_000 + len(packets))
    streams = [
        (number, files.stream(text.encode()))
        for number, (_, text) in zip(numbers, packets, strict=True)
    ]
    named = b" ".join(
        b"(%s) %d 0 R" % (name.encode(), number)
        for number, (name, _) in zip(numbers, packets, strict=True)
    )
    xfa = b"[%s]" % named if parts else b"50000 0 R"
    return files.by_hand(page, catalog=b"/AcroForm << /Fields [] /XFA %s >>" % xfa, more=streams)


def field(name: str, caption: str, inner: str = "<ui><textEdit/></ui>", more: str = "") -> str:
    said = f"<caption><value><text>{caption}</text></value></caption>"
    return f'<field name="{name}" {more}>{said}{inner}</field>'


def box(name: str, caption: str, on: str) -> str:
    return field(
        name, caption, f"<ui><checkButton/></ui><items><text>{on}</text><text>0</text></items>"
    )


@pytest.mark.parametrize("parts", [True, False])
def test_what_was_filled_in_is_read_with_its_captions(parts: bool) -> None:
    template = f"<subform>{field('q1', 'Estrogen receptor (ER)')}{field('q2', 'HER2:')}</subform>"
    data = (
        "<sub><q1>Positive 95%</q1><q2>Negative</q2><q3/></sub><TumorSite>Left breast</TumorSite>"
    )
    document = read(form(data, template, parts=parts))
    assert (document.status, document.message) == ("read", "")
    assert [page.text for page in document.pages] == [
        "Estrogen receptor (ER): Positive 95%\nHER2: Negative\nTumor Site: Left breast"
    ]


@pytest.mark.parametrize("data", ["", "<q1/><group><q2> </q2></group>"])
def test_a_form_without_data_is_told(data: str) -> None:
    document = read(form(data))
    assert (document.status, document.message) == ("unsupported", XFA_FORM)
    assert not document.pages
    assert code_of(document.status, document.message) == "xfa_form"


def test_a_list_shows_its_entry_and_codes_that_nobody_explains_state_nothing() -> None:
    items = "<items><text>Positive</text><text>Negative</text></items>"
    saved = '<items save="1"><text>P</text><text>N</text></items>'
    template = field("her2", "HER2", f"<ui><choiceList/></ui>{items}{saved}")
    template += field("pr", "PR", "<ui><choiceList/></ui>")
    words = read(form("<her2>N</her2><er>1</er><pr>3</pr>", template)).pages[0].text
    assert words == "HER2: Negative\ner: not stated here\nPR: not stated here"


def test_hidden_fields_are_not_read() -> None:
    template = field("her2", "HER2", more='presence="hidden"') + field("er", "ER")
    words = read(form("<her2>Positive</her2><er>Negative</er>", template)).pages[0].text
    assert words == "ER: Negative"


@pytest.mark.parametrize("name", QUESTIONS)
def test_another_choice_is_another_value_and_none_is_a_question(name: str) -> None:
    label, answers = QUESTIONS[name]
    draw = random.Random(name)
    on = [f"{draw.choice('abcx')}{at}" for at in range(len(answers))]
    options = "".join(box("o", words, on[at]) for at, (words, _) in enumerate(answers))
    said = f"<caption><value><text>{label}</text></value></caption>"
    template = field("site", "Specimen") + f'<exclGroup name="group">{said}{options}</exclGroup>'
    for given in (*range(len(answers)), None):
        chosen = on[given] if given is not None else ""
        site = "Left breast, lumpectomy: invasive ductal carcinoma"
        data = f"<site>{site}</site><group>{chosen}</group>"
        extraction = extract(read(form(data, template)).pages, document_id="1")
        found = {one.field: one.value for one in extraction.findings}
        assert found.get(name) == (None if given is None else answers[given][1])
        assert [one.reason for one in extraction.questions] == (
            ["nothing_ticked"] if given is None else []
        )


def test_a_printed_form_with_data_left_in_it_is_read_from_its_pages() -> None:
    line = "Left breast: invasive ductal carcinoma. HER2: negative."
    page = b" ".join(files.text(line, y=700 - 16 * at) for at in range(25))
    document = read(form("<HER2>Positive</HER2>", page=page))
    assert "Positive" not in document.pages[0].text
    assert document.pages[0].method == "text_layer"


def test_signs_that_a_program_left_bare_are_read() -> None:
    words = read(form("<site>Left breast & axilla</site><q>ER &amp; PR &#43;</q>")).pages[0].text
    assert words == "site: Left breast & axilla\nq: ER & PR +"


def test_damaged_data_is_no_data() -> None:
    assert read(form("<q1>positive")).status == "unsupported"
