"""Names are found where a field brought them in, and nowhere else, in any script."""

import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from correspondence import Letter, lint, name_parts, names_anywhere
from correspondence.letters import PRIVATE_AUDIENCES
from workflows.engine.playbooks import playbooks_of

FOLDER = Path(__file__).resolve().parents[2] / "playbooks" / "letters"
LETTERS = playbooks_of(FOLDER.parent).letters
PRIVATE = [code for code in LETTERS.codes if LETTERS.meta(code).audience in PRIVATE_AUDIENCES]
TO_HOSPITALS = [code for code in LETTERS.codes if LETTERS.meta(code).audience == "hospital"]
SENTENCES = (FOLDER / "sentences.yaml").read_text(encoding="utf-8")


def words(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W\d_]+", text) if len(word) >= 3}


def fixed_words(code: str) -> set[str]:
    """What the files of a template say outside the signs of Jinja."""
    sources = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((FOLDER / code).rglob("*.txt"))
    )
    return words(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", sources, flags=re.DOTALL))


EVERY_WORD = {word for code in LETTERS.codes for word in fixed_words(code)} | words(SENTENCES)


def rules(letter: Letter, *names: str) -> list[str]:
    return [problem.rule for problem in lint(letter, call_logged=True, private_words=names)]


@pytest.mark.parametrize("code", PRIVATE)
def test_a_patient_may_be_called_like_any_word_of_any_letter(code: str) -> None:
    assert {"You", "message", "case", "have"} <= EVERY_WORD
    for language in LETTERS.languages(code):
        letter = LETTERS.render(code, LETTERS.samples(code), language)
        every = [form for word in EVERY_WORD for form in (word, word.title())]
        if rules(letter, *every):  # looked at one by one only to say which
            assert [form for form in every if rules(letter, form)] == []
            raise AssertionError("words that are refused together only")


@pytest.mark.parametrize("code", PRIVATE)
@pytest.mark.parametrize("number", [1, 2])
def test_that_holds_for_one_paper_and_for_more(code: str, number: int) -> None:
    samples = LETTERS.samples(code)
    lists = {name: value for name, value in samples.items() if isinstance(value, list)}
    few = {name: (value * 2)[:number] for name, value in lists.items()}
    letter = LETTERS.render(code, {**samples, **few})
    assert rules(letter, *EVERY_WORD) == []


@pytest.mark.parametrize("name", ["Ina", "Dina", "Din", "Tor", "Lea", "Som", "Nat", "Rom", "Ave"])
def test_a_name_within_a_word_is_no_name(name: str) -> None:
    letter = LETTERS.render("M01", LETTERS.samples("M01"))
    assert rules(replace(letter, subject="Regina, Dinah, Tora, Leander, Someone"), name) == []
    assert rules(replace(letter, subject=f"News for {name}"), name) == ["name_in_preview"]


BROUGHT = {
    "an ordinary word": ("You", "You"),
    "capitals": ("Dina", "DINA"),
    "possessive": ("Grace", "Grace's file"),
    "apostrophe": ("O'Brien", "O\N{RIGHT SINGLE QUOTATION MARK}Brien"),
    "accents": ("Müller", "Müller"),
    "accents apart": ("Müller", unicodedata.normalize("NFD", "Müller")),
    "accents left out": ("Begüm", "Begum"),
    "Turkish": ("Işıl", "IŞIL"),
    "one letter as two": ("Müller", "MUELLER"),
    "two letters as one": ("Mueller", "Müller"),
    "Danish": ("Søndergård", "Soendergaard"),
    "Vietnamese": ("Nguyễn", "NGUYỄN Thị"),
    "Cyrillic": ("Ольга", "ОЛЬГА Петрова"),
    "Greek": ("Ελένη", "ΕΛΕΝΗ"),
    "Arabic": ("فاطمة", "رسالة إلى فاطمة"),
    "Arabic with a preposition": ("محمد", "رسالة لمحمد"),
    "Arabic with vowels": ("محمد", "مُحَمَّد"),
    "Hebrew with a preposition": ("שרה", "מכתב לשרה"),
    "Hindi": ("सीता", "सीता का पत्र"),
    "Chinese": ("欧阳娜娜", "关于欧阳娜娜的消息"),
    "Chinese of two signs": ("张伟", "关于张伟的消息"),
    "Japanese": ("花子", "花子さんへ"),
    "Korean": ("김철수", "김철수님께"),
    "Thai": ("สมชาย", "ข่าวของสมชายวันนี้"),
    "an invisible sign": ("Grace", "Gra\N{ZERO WIDTH SPACE}ce"),
}


def with_case(code: str, text: str) -> Letter:
    """A letter into whose subject a field brings a text, or a person where it has no field."""
    if "{{ case }}" in (FOLDER / code / "en" / "subject.txt").read_text(encoding="utf-8"):
        return LETTERS.render(code, {**LETTERS.samples(code), "case": text})
    letter = LETTERS.render(code, LETTERS.samples(code))
    return replace(letter, subject=f"{letter.subject} – {text}")


@pytest.mark.parametrize("kind", BROUGHT)
def test_a_name_that_a_field_brings_into_a_subject_is_refused(kind: str) -> None:
    name, text = BROUGHT[kind]
    assert name_parts([name]) == [name]
    for code in PRIVATE:
        assert rules(with_case(code, text), name) == ["name_in_preview"], code


@pytest.mark.parametrize("kind", BROUGHT)
def test_a_name_that_a_person_writes_into_the_preview_is_refused(kind: str) -> None:
    name, text = BROUGHT[kind]
    plain = LETTERS.render("M12", LETTERS.samples("M12"))
    edited = LETTERS.of_text("M12", plain.subject, f"{text}!\n{plain.body}")
    assert rules(edited, name) == ["name_in_preview"]
    assert rules(plain, name) == []


def test_the_end_of_the_preview_parts_no_name() -> None:
    body = "x" * 76 + " Grace"  # the preview ends within the name
    letter = Letter("Update", body, "M12", "1", "en", "patient")
    assert rules(letter, "Grace") == ["name_in_preview"]
    assert rules(replace(letter, body="x" * 81 + " Grace"), "Grace") == []


@pytest.mark.parametrize(
    ("name", "found"),
    [("Neema", True), ("Nee", False), ("İpek", True), ("Ng", False), ("Li", False), ("王", False)],
)
def test_names_too_short_to_be_told_from_words_are_not_looked_for(name: str, found: bool) -> None:
    letter = LETTERS.render("M12", LETTERS.samples("M12"))
    shown = replace(letter, subject="Neema, IPEK, Ng, Li, 王")
    assert bool(rules(shown, *name_parts([name]))) is found


@pytest.mark.parametrize("code", TO_HOSPITALS)
def test_a_letter_to_a_hospital_leaves_whatever_word_of_it_the_patient_is_called(code: str) -> None:
    samples = LETTERS.samples(code)
    letter = LETTERS.render(code, samples)
    brought = {word.casefold() for word in words(str(samples))}
    own = {word for word in fixed_words(code) if word.casefold() not in brought}
    assert {"Dear", "this", "for"} & own
    assert [word for word in own if names_anywhere(letter, [word])] == []


@pytest.mark.parametrize("kind", BROUGHT)
def test_a_name_anywhere_in_a_letter_to_a_hospital_is_found(kind: str) -> None:
    name, text = BROUGHT[kind]
    for code in TO_HOSPITALS:
        samples = LETTERS.samples(code)
        letter = LETTERS.render(code, samples)
        if name.casefold() not in str(samples).casefold():
            assert not names_anywhere(letter, [name]), code
        assert names_anywhere(replace(letter, subject=f"{letter.subject} {text}"), [name]), code
        assert names_anywhere(replace(letter, body=f"{letter.body}\n{text}\n"), [name]), code


def test_a_patient_may_share_a_word_with_the_coordinator_or_the_hospital() -> None:
    samples = {**LETTERS.samples("M10"), "coordinator": "Amina Odhiambo", "department": "Max Care"}
    letter = LETTERS.render("M10", samples)
    known = ["Amina Odhiambo", "Max Care"]
    assert names_anywhere(letter, ["Amina"])
    assert not names_anywhere(letter, ["Amina", "Max"], known)
    about = replace(letter, body=letter.body.replace("In short: ", "In short: Amina, "))
    assert names_anywhere(about, ["Amina"], known)
