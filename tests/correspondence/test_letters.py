"""The letters that the product ships, and how they are written."""

import re
from pathlib import Path

import pytest
from jinja2 import meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from correspondence import LetterError, Letters, lint
from correspondence.letter_claims import Claims
from correspondence.letters import PRIVATE_AUDIENCES
from correspondence.lint import PREVIEW_CHARACTERS
from playbook_reader import PlaybookError
from workflows.engine.playbooks import playbooks_of

FOLDER = Path(__file__).resolve().parents[2] / "playbooks" / "letters"
FILTERS = ("word", "said", "country", "day", "short_day", "month", "moment", "amount", "listing",
           "plural", "statement")  # fmt: skip
LETTERS = playbooks_of(FOLDER.parent).letters
NUMBERS = "01 02 04 05 06 07 08 10 11 12 13 14 15 16 17 18 20 24 27 28a 28b 32 33 34 36 37 38 39"
MUST_PROMISE_NOTHING = {"M01", "M07", "M07a", "M08", "M15", "M28a", "M28b"}
AFTER_A_CALL = {"M07a", "M08", "M09", "M22", "M28b"}


def test_the_catalogue_is_there() -> None:
    assert {f"M{number}" for number in NUMBERS.split()} <= set(LETTERS.codes)


@pytest.mark.parametrize("code", LETTERS.codes)
def test_every_letter_passes_every_rule_with_its_samples(code: str) -> None:
    samples = LETTERS.samples(code)
    private = [samples["name"], "Fictitious"] if "name" in samples else []
    for language in LETTERS.languages(code):
        letter = LETTERS.render(code, samples, language)
        assert not lint(
            letter, recipient_language=language, call_logged=True, private_words=private
        )
        assert letter.subject
        assert len(letter.subject) <= 200
        assert letter.body.endswith("\n")
        assert letter.template_version == LETTERS.meta(code).version


@pytest.mark.parametrize("code", LETTERS.codes)
def test_every_letter_declares_exactly_the_fields_it_uses(code: str) -> None:
    for language in LETTERS.languages(code):
        used: set[str] = set()
        for part in ("subject.txt", "body.txt"):
            source = (FOLDER / code / language / part).read_text()
            environment = ImmutableSandboxedEnvironment(extensions=[Claims])
            environment.filters.update(dict.fromkeys(FILTERS, str))
            used |= meta.find_undeclared_variables(environment.parse(source))
        assert used - {"sentences"} == set(LETTERS.meta(code).fields)


@pytest.mark.parametrize("code", LETTERS.codes)
def test_a_letter_without_one_of_its_fields_is_not_written(code: str) -> None:
    samples = LETTERS.samples(code)
    for name, field in LETTERS.meta(code).fields.items():
        if field.optional:
            assert "None" not in LETTERS.render(code, {**samples, name: None}).body
        else:
            with pytest.raises(LetterError, match=name):
                LETTERS.render(code, {**samples, name: None})
        with pytest.raises(LetterError, match=name):
            LETTERS.render(code, {k: v for k, v in samples.items() if k != name})


def test_letters_that_must_carry_the_honest_sentences_need_them() -> None:
    needing = {
        c for c in LETTERS.codes if {"no_promise", "not_advice"} <= set(LETTERS.meta(c).needs)
    }
    assert needing == MUST_PROMISE_NOTHING


def test_letters_that_only_follow_a_call_need_one_and_no_machine_writes_them() -> None:
    needing = {code for code in LETTERS.codes if "after_call" in LETTERS.meta(code).needs}
    assert needing == AFTER_A_CALL
    assert not any(LETTERS.meta(code).automated for code in needing)


def test_a_private_letter_opens_with_a_line_that_tells_a_bystander_nothing() -> None:
    for code in LETTERS.codes:
        if LETTERS.meta(code).audience in PRIVATE_AUDIENCES:
            body = LETTERS.render(code, LETTERS.samples(code)).body
            assert "\n" not in body[:PREVIEW_CHARACTERS]


def test_the_first_outreach_asks_five_numbered_questions_and_keeps_the_reference() -> None:
    letter = LETTERS.render("M10", LETTERS.samples("M10"))
    assert letter.subject.startswith("[CFX-26-00017] ")
    assert [f"({n})" in letter.body for n in range(1, 7)] == [True] * 5 + [False]
    assert "unknown, not negative" in letter.body


def test_a_letter_that_does_not_exist_in_a_language_is_left_to_a_person() -> None:
    with pytest.raises(LetterError, match="does not exist in uz"):
        LETTERS.render("M10", LETTERS.samples("M10"), "uz")
    with pytest.raises(LetterError, match="no letter M99"):
        LETTERS.render("M99", {})


def test_a_line_break_in_a_field_makes_no_second_header() -> None:
    fields = {**LETTERS.samples("M10"), "age_band": "55-59\r\nBcc: everybody@example.org"}
    assert "\n" not in LETTERS.render("M10", fields).subject


def test_a_field_is_text_and_never_a_template() -> None:
    fields = {**LETTERS.samples("M33"), "hours": "{{ coordinator.__class__ }}"}
    letter = LETTERS.render("M33", fields)
    assert "{{ coordinator.__class__ }}" in letter.body
    assert [p.rule for p in lint(letter)] == ["unresolved", "unresolved"]


def test_a_missing_part_of_a_list_is_an_error_that_names_it_and_no_value() -> None:
    item = {"item": "receptors", "file": None, "problem": "secret-value"}
    fields = {**LETTERS.samples("M05"), "items": [item]}
    with pytest.raises(LetterError) as error:
        LETTERS.render("M05", fields)
    assert "due" in str(error.value)
    assert "secret-value" not in str(error.value)


def test_the_same_fields_give_the_same_letter_and_another_field_another_hash() -> None:
    samples = LETTERS.samples("M12")
    one, same = LETTERS.render("M12", samples), LETTERS.render("M12", samples)
    other = LETTERS.render("M12", {**samples, "news": True})
    assert one == same
    assert one.sha256 == same.sha256 != other.sha256


META = """code: M01
title: t
audience: patient
purpose: p
version: "1"
status: draft
automated: true
fields:
  name: {note: n, sample: Grace}
"""
SENTENCES = """en: {no_promise: a, not_advice: b, preview: c, closing: d, for_other: e}
"""
FACTS = """says: {greeting: "claims nothing"}
fields: {name: ["column:patient.name"]}
"""
WORDS = """formats:
  locale: en
  day: "d MMMM y"
  short_day: "d MMM y"
  month: "MMMM y"
  moment: "y-MM-dd HH:mm"
  amount: "#,##0"
  list: unit
words:
  organ: {breast: "the breast", stomach: "the stomach"}
"""


def folder(
    path: Path,
    *,
    meta_text: str = META,
    body: str = "{{ name }}",
    language: str = "en",
    bound: bool = False,
) -> Path:
    """Write a folder of one letter; unless `bound`, its sentences need no facts."""
    debt = "" if bound else "unbound: a template of tests\n"
    (path / "M01" / language).mkdir(parents=True)
    (path / "words").mkdir()
    (path / "words" / "en.yaml").write_text(WORDS)
    (path / "sentences.yaml").write_text(SENTENCES)
    (path / "facts.yaml").write_text(FACTS)
    (path / "M01" / "meta.yaml").write_text(meta_text + debt)
    (path / "M01" / language / "subject.txt").write_text("{% says greeting %}s{% endsays %}")
    (path / "M01" / language / "body.txt").write_text(body)
    return path


def test_a_folder_as_it_should_be_loads(tmp_path: Path) -> None:
    assert Letters.load(folder(tmp_path)).render("M01", {"name": "Grace"}).body == "Grace\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (META.replace("audience: patient", "audience: everyone"), "meta.yaml:3"),
        (META.replace("status: draft", "status: draft\ncolour: red"), "meta.yaml:7"),
        (META.replace("code: M01", "code: M02"), "meta.yaml:1"),
        (META + "title: again\n", "meta.yaml:10"),
    ],
)
def test_a_mistake_in_the_meta_file_is_named_with_its_line(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(PlaybookError, match=reason):
        Letters.load(folder(tmp_path, meta_text=text))


def test_a_mistake_in_a_template_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match=r"letters/M01/en/body.txt:2"):
        Letters.load(folder(tmp_path, body="fine\n{% for x in %}\n"))


def test_a_letter_without_english_master_or_in_an_unknown_language_is_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(PlaybookError, match="no sentences in fr"):
        Letters.load(folder(tmp_path, language="fr"))


def test_an_offer_without_a_day_is_not_said_to_have_one() -> None:
    samples = LETTERS.samples("M15")
    (offer,) = samples["offers"]
    said = "It says until when it is valid."
    assert said in LETTERS.render("M15", samples).body
    for days in ([None], [offer["valid_until"], None]):
        offers = [{**offer, "valid_until": day} for day in days]
        body = LETTERS.render("M15", {**samples, "offers": offers}).body
        assert said not in body and "Valid until: not stated; please ask us" in body


def test_a_hospital_is_not_told_that_a_permission_is_written() -> None:
    """It may have been given in a recorded call."""
    body = LETTERS.render("M10", LETTERS.samples("M10")).body
    assert "We have the permission to ask" in body and "written permission" not in body
    assert "patient's permission" not in body, "a guardian may have given it"


def test_after_the_signature_no_list_of_hospitals_and_no_call_is_promised() -> None:
    """The list is made afterwards and may stay empty; nobody has been asked to call."""
    body = LETTERS.render("M07", LETTERS.samples("M07")).body
    assert "when we call" not in body and "We suggest hospitals" not in body
    assert "we look for hospitals" in body and "before you have said yes to it" in body


def test_nobody_is_thanked_for_what_did_not_come() -> None:
    samples = {**LETTERS.samples("M05"), "items": [], "arrived": 0}
    thanks = "Thank you for what you have sent."
    assert thanks not in LETTERS.render("M05", samples).body
    assert thanks in LETTERS.render("M05", {**samples, "arrived": 1}).body
    assert thanks in LETTERS.render("M05", LETTERS.samples("M05")).body


@pytest.mark.parametrize("code", LETTERS.codes)
def test_nothing_stands_behind_a_link(code: str) -> None:
    """A stop that a mail program takes for a part of the address opens nothing."""
    samples = LETTERS.samples(code)
    body = LETTERS.render(code, samples).body
    link = samples.get("link")
    if link:
        assert re.findall(re.escape(link) + r"[^\n]", body) == []
