"""What a letter tells its reader to open or to call stands in it: a page with its address."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from correspondence import Letters, lint
from playbook_reader import PlaybookError
from tests.correspondence.test_letters import FACTS, META, folder
from workflows.engine.playbooks import playbooks_of

PLAYBOOKS = playbooks_of(Path(__file__).resolve().parents[2] / "playbooks")
LETTERS = PLAYBOOKS.letters
SENDS_TO = {
    "page": ["on your page.", "on the secure page.", "Press it.", "Tap the answer.", "Write here:"],
    "telephone": ["Please call us.", "Ring us.", "Our number is below."],
}
PLACES = """places:
  page: {shown_by: link, shape: address, words: {en: ["your page", "press", "here:"]}}
"""
LINKED = META.replace(
    "  name: {note: n, sample: Grace}",
    '  name: {note: n, sample: Grace}\n  link: {note: n, sample: "https://a.example"}\n'
    "  other: {note: n, sample: false, optional: true}",
)


def load(tmp_path: Path, body: str) -> Letters:
    """Load one letter with a field for the page, under the rule of places."""
    path = folder(tmp_path, meta_text=LINKED, body=body)
    facts = FACTS.replace("fields:", PLACES + "fields:")
    (path / "facts.yaml").write_text(
        facts.replace("}\n", ', link: ["setting:x"], other: ["setting:x"]}\n')
        .replace('claims nothing", link: ["setting:x"], other: ["setting:x"]', 'claims nothing"')
        .replace('"here:"]}, link: ["setting:x"], other: ["setting:x"]}', '"here:"]}}')
    )
    return Letters.load(path)


@pytest.mark.parametrize(
    "body",
    [
        "{% says greeting %}See your page.{% endsays %}",
        "{% says greeting %}Write here:{% endsays %} {{ name }}",
        "{% says greeting %}See your page.{% endsays %}{% if other %}{{ link }}{% endif %}",
        "{% says greeting %}Press it.{% endsays %}{% tells other %}x {{ link }}{% endtells %}",
        "{% if other %}{{ link }}{% else %}{% says greeting %}Your page.{% endsays %}{% endif %}",
        "{% if not other %}{{ link }}{% endif %}{% tells other %}Your\n  page.{% endtells %}",
    ],
)
def test_a_page_that_is_not_shown_where_it_is_spoken_of_is_refused(
    tmp_path: Path, body: str
) -> None:
    with pytest.raises(PlaybookError, match=r"body.txt:1.*page where link is not shown"):
        load(tmp_path, body)


@pytest.mark.parametrize(
    "body",
    [
        "{% says greeting %}See your page.{% endsays %} {{ link }}",
        "{{ link }}{% if other %}{% says greeting %}See your page.{% endsays %}{% endif %}",
        "{% tells other %}See your page: {{ link }}{% endtells %}",
        "{% if other %}{{ link }}{% tells other, name %}Your page.{% endtells %}{% endif %}",
        "{% says greeting %}Each of your pages, the press there:here.{% endsays %}{{ link }}",
        "{% says greeting %}Every page, a pressing matter, adhere.{% endsays %}",
    ],
)
def test_a_page_that_is_shown_wherever_it_is_spoken_of_loads(tmp_path: Path, body: str) -> None:
    assert load(tmp_path, body).codes == ("M01",)


def test_a_language_needs_words_for_every_place(tmp_path: Path) -> None:
    path = folder(tmp_path, meta_text=LINKED, body="{{ link }}")
    (path / "facts.yaml").write_text(
        'says: {greeting: "x"}\nplaces:\n'
        "  page: {shown_by: link, shape: address, words: {fr: [ici]}}\n"
        'fields: {name: ["setting:x"], link: ["setting:x"], other: ["setting:x"]}\n'
    )
    with pytest.raises(PlaybookError, match="a place has no words in en"):
        Letters.load(path)


def _not_shown(code: str, taken_out: str) -> list[str]:
    letter = LETTERS.render(code, LETTERS.samples(code))
    without = replace(letter, body=re.sub(taken_out, "", letter.body))
    return [one.detail for one in lint(without, call_logged=True) if one.rule == "place_not_shown"]


@pytest.mark.parametrize("code", LETTERS.codes)
def test_a_letter_whose_link_a_person_took_out_does_not_leave(code: str) -> None:
    """And one from which the number was taken, when it says to call it."""
    letter = LETTERS.render(code, LETTERS.samples(code))
    speaks = {
        name for name, ways in SENDS_TO.items() for one in ways
        if re.search(r"\b" + re.escape(one.strip(" .:")) + r"\b", letter.body, re.IGNORECASE)
    }  # fmt: skip
    if "page" in speaks:
        assert "page" in _not_shown(code, r"https?://\S+")
    if "telephone" in speaks:
        assert "telephone" in _not_shown(code, r"\+\d[\d ]+")


@pytest.mark.parametrize(("place", "said"), [(p, one) for p in SENDS_TO for one in SENDS_TO[p]])
def test_words_that_a_person_adds_are_held_to_it(place: str, said: str) -> None:
    """M12 brings no link; every letter of ours shows the telephone."""
    letter = LETTERS.render("M12", LETTERS.samples("M12"))
    bare = re.sub(r"\+91[\d ]+", "", letter.body)
    wrong = lint(replace(letter, body=f"{bare}\n{said}\nOn 2027-03-01 08:00 came 2027-03-02."))
    assert [(one.rule, one.detail) for one in wrong] == [("place_not_shown", place)]
    shown = f"{bare}\n{said}\nhttps://portal.example/c/x, +91 11 5550 0100"
    assert lint(replace(letter, body=shown)) == []


def test_what_other_playbooks_ask_speaks_of_a_page_only_where_it_is_shown() -> None:
    """A question of the follow-up and what to send are said in letters that show the page."""
    (page,) = (one for one in LETTERS.render("M12", LETTERS.samples("M12")).places
               if one.name == "page")  # fmt: skip
    for item in PLAYBOOKS.completeness.items.values():
        assert not page.words.search(f"{item.plain} {item.why} {item.how}")
    for code in ("M32", "M34"):
        assert "link" in LETTERS.meta(code).fields
