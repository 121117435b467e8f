"""Words of a language: what a template may ask of them, and which mistakes are refused at load."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from correspondence import LetterError, Letters
from correspondence.letter_words import NotTranslated, load_words
from playbook_reader import PlaybookError
from tests.correspondence.test_letters import META, SENTENCES, WORDS, folder

CODES = META.replace(
    "  name: {note: n, sample: Grace}",
    "  name: {note: n, sample: breast, codes: [breast, stomach], optional: true}",
)
ITEMS: Mapping[str, Mapping[str, Callable[[str], str | None]]] = {
    "item": {"plain": {"report": "The report"}.get, "why": {"report": "it says why"}.get}
}


def french(path: Path, words: str) -> Path:
    """Add a French letter and its words to a folder."""
    (path / "words" / "fr.yaml").write_text(words)
    (path / "sentences.yaml").write_text(SENTENCES + SENTENCES.replace("en:", "fr:"))
    (path / "M01" / "fr").mkdir()
    for part in ("subject", "body"):
        source = (path / "M01" / "en" / f"{part}.txt").read_text()
        (path / "M01" / "fr" / f"{part}.txt").write_text(source)
    return path


FRENCH = WORDS.replace("locale: en", "locale: fr").replace('"the breast"', "le sein")
FRENCH = FRENCH.replace('"the stomach"', '"l\'estomac"')


def said(tmp_path: Path, body: str, value: object, language: str = "en") -> str:
    made = folder(tmp_path, meta_text=META, body=body)
    if language == "fr":
        french(made, FRENCH)
    return Letters.load(made, ITEMS).render("M01", {"name": value}, language).body.strip()


@pytest.mark.parametrize(
    ("body", "value", "english", "in_french"),
    [
        ('{{ name | word("organ") }}', "breast", "the breast", "le sein"),
        ("{{ name | day }}", date(2027, 3, 12), "12 March 2027", "12 mars 2027"),
        ("{{ name | short_day }}", date(2027, 9, 1), "1 Sep 2027", "1 sept. 2027"),
        ("{{ name | month }}", date(2027, 4, 1), "April 2027", "avril 2027"),
        ('{{ name | moment("Africa/Nairobi") }}', datetime(2027, 3, 7, 7, 0, tzinfo=UTC),
         "2027-03-07 10:00", "2027-03-07 10:00"),
        ("{{ name | amount }}", 7800, "7,800", "7\u202f800"),
        ("{{ name | listing }}", ["A", "B", "C"], "A, B, C", "A, B et C"),
        ("{{ name | country }}", "IN", "India", "Inde"),
        ("{{ name | country }}", "in", "India", "Inde"),
        ("{{ name | country }}", "XY", "XY", "XY"),
        ('{{ name | plural(one="paper", many="papers", other="papers") }}', 1, "paper", "paper"),
        ('{{ name | plural(one="paper", many="papers", other="papers") }}', 2, "papers", "papers"),
    ],
)  # fmt: skip
def test_facts_are_written_as_the_language_writes_them(
    tmp_path: Path, body: str, value: object, english: str, in_french: str
) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "fr").mkdir()
    assert said(tmp_path / "en", body, value) == english
    assert said(tmp_path / "fr", body, value, "fr") == in_french


@pytest.mark.parametrize(
    "body", ["{{ name | day }}", "{{ name | amount }}", '{{ name | word("organ") }}']
)
def test_what_is_not_stated_never_becomes_today_or_nothing(tmp_path: Path, body: str) -> None:
    """Babel writes today's date for None."""
    letters = Letters.load(folder(tmp_path, meta_text=CODES, body=body))
    with pytest.raises(LetterError, match="a field is empty"):
        letters.render("M01", {"name": None})


def test_a_code_without_words_is_an_error_that_names_the_group_and_not_the_value(
    tmp_path: Path,
) -> None:
    letters = Letters.load(folder(tmp_path, body='{{ name | word("organ") }}'))
    with pytest.raises(LetterError) as error:
        letters.render("M01", {"name": "secret"})
    assert "organ" in str(error.value) and "secret" not in str(error.value)


def test_a_field_of_codes_holds_one_of_them(tmp_path: Path) -> None:
    letters = Letters.load(folder(tmp_path, meta_text=CODES, body='{{ name or "none" }}'))
    assert letters.render("M01", {"name": "stomach"}).body == "stomach\n"
    assert letters.render("M01", {"name": None}).body == "none\n"
    with pytest.raises(LetterError, match="M01 needs name"):
        letters.render("M01", {"name": "knee"})


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        ("fine\n{{ nme }}\n", 2, "nme is no field of this letter"),
        ('{{ name | word("organs") }}', 1, "organs is no group of words"),
        ("{{ name | word }}", 1, "is no group of words"),
        ('x\n\n{{ "knee" | word("organ") }}', 3, "organ has no words for knee"),
        ('{{ name | word("organ", "why") }}', 1, "organ has the parts"),
        ('{{ name | word("item") }}', 1, "item has the parts plain, why"),
        ('\n{% if name == "knee" %}x{% endif %}', 2, "name is never knee"),
        ('{% if name in ("breast", "knee") %}x{% endif %}', 1, "name is never knee"),
        ('{{ name | plural(one="x") }}', 1, "plural lacks other"),
        ('{{ name | plural(one="x", other="x", some="x") }}', 1, "plural knows no some"),
        ("{{ name | wordy }}", 1, "wordy"),
    ],
)
def test_a_template_that_names_what_does_not_exist_is_refused_with_its_line(
    tmp_path: Path, body: str, line: int, reason: str
) -> None:
    with pytest.raises(PlaybookError, match=reason) as error:
        Letters.load(folder(tmp_path, meta_text=CODES, body=body), ITEMS)
    assert (error.value.file, error.value.line) == ("letters/M01/en/body.txt", line)


def test_a_language_with_more_forms_needs_them_all(tmp_path: Path) -> None:
    body = '{{ name | plural(one="paper", other="papers") }}'
    russian = WORDS.replace("locale: en", "locale: ru")
    with pytest.raises(PlaybookError, match="plural lacks few, many"):
        Letters.load(french(folder(tmp_path, body=body), russian))


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("locale: fr", "locale: xx_YY", 2, "is no locale"),
        ('day: "d MMMM y"', 'day: "d QQQQQQQQ {"', 3, "does not show the day"),
        ('day: "d MMMM y"', 'day: "d MMMM"', 3, "does not show the year"),
        ('moment: "y-MM-dd HH:mm"', 'moment: "y-MM-dd HH"', 6, "does not show the minute"),
        ('amount: "#,##0"', 'amount: "none"', 7, "does not show a whole number"),
        ('amount: "#,##0"', 'amount: "0.00"', 7, "does not show a whole number"),
        ("list: unit", "list: row", 8, "Input should be"),
        ("stomach:", "knee:", 10, "organ has no words for stomach"),
        ("stomach:", "knee: x, stomach:", 10, "knee is no code of organ"),
        ("organ:", "limb:", 9, "organ is missing"),
        ("breast: le sein", "breast: {name: x}", 10, "breast must have"),
        ("breast: le sein", "breast: le sein, breast: x", 10, "stands twice"),
    ],
)
def test_a_language_has_the_words_of_english_no_more_and_no_less(
    tmp_path: Path, old: str, new: str, line: int, reason: str
) -> None:
    assert old in FRENCH
    with pytest.raises(PlaybookError, match=reason) as error:
        Letters.load(french(folder(tmp_path), FRENCH.replace(old, new, 1)))
    assert (error.value.file, error.value.line) == ("letters/words/fr.yaml", line)


def test_words_of_another_playbook_do_not_stand_here_too(tmp_path: Path) -> None:
    english = WORDS + "  item: {report: x}\n"
    made = folder(tmp_path)
    (made / "words" / "en.yaml").write_text(english)
    with pytest.raises(PlaybookError, match=r"en.yaml:11:3: item is a group of another playbook"):
        load_words(made / "words", ITEMS)


def test_a_letter_in_a_language_without_words_is_refused(tmp_path: Path) -> None:
    made = french(folder(tmp_path), FRENCH)
    (made / "words" / "fr.yaml").unlink()
    with pytest.raises(PlaybookError, match="no words in fr"):
        Letters.load(made)


def test_a_sentence_of_a_playbook_that_nobody_translated_makes_the_letter_english(
    tmp_path: Path,
) -> None:
    body = '{{ name | word("item", "plain") }}'
    made = french(folder(tmp_path, body=body), FRENCH)
    (made / "M01" / "fr" / "subject.txt").write_text("{% says greeting %}objet{% endsays %}")
    letters = Letters.load(made, ITEMS)
    with pytest.raises(NotTranslated):
        letters.render("M01", {"name": "report"}, "fr")
    written = letters.write("M01", {"name": "report"}, "fr")
    assert (written.language, written.subject, written.body) == ("en", "s", "The report\n")
    (made / "words" / "fr.yaml").write_text(f'{FRENCH}sentences: {{"The report": Le rapport}}\n')
    written = Letters.load(made, ITEMS).write("M01", {"name": "report"}, "fr")
    assert (written.language, written.subject, written.body) == ("fr", "objet", "Le rapport\n")


def test_a_sample_that_is_none_of_the_fields_codes_is_refused(tmp_path: Path) -> None:
    wrong = CODES.replace("sample: breast", "sample: knee")
    with pytest.raises(PlaybookError, match=r"meta.yaml:9:3: name: its sample is no code"):
        Letters.load(folder(tmp_path, meta_text=wrong))
