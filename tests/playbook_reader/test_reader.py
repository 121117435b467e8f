"""A playbook is read strictly: a mistake is named with its place and what to do."""

import json
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from playbook_reader import PlaybookError, Strict, parse, read


class Line(Strict):
    id: str
    days: int


class Book(Strict):
    lines: tuple[Line, ...]


class Hospital(Strict):
    country: str = Field(pattern=r"^[A-Z]{2}$")
    in_service: bool = True
    beds: float = 1
    checked_on: date | None = None
    contract: Literal["none", "signed"] = "none"
    sites: tuple[str, ...] = ()


def test_norway_is_a_country_and_only_true_and_false_are_truth_values() -> None:
    assert parse("a: [NO, no, yes, on, Off, True, y, true, false]", "x.yaml").data == {
        "a": ["NO", "no", "yes", "on", "Off", "True", "y", True, False]
    }


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12), ("-3", -3), ("1.5", 1.5), ("1.5e-3", 0.0015), ("null", None), ("~", None),
        ("", None), ("2027-03-01", "2027-03-01"), ("12:30", "12:30"), ("12:30:45", "12:30:45"),
        ("007", "007"), ("0x1F", "0x1F"), ("1_000", "1_000"), ("0.1.0", "0.1.0"), ("12e4", "12e4"),
        ("9" * 5000, "9" * 5000), ("'12'", "12"), ('"true"', "true"), ("'NO'", "NO"), ("=", "="),
        ("! 12", 12), (".inf", float("inf")),
    ],
)  # fmt: skip
def test_a_word_means_what_it_surely_says(written: str, value: object) -> None:
    read_value = parse(f"a: {written}\n", "x.yaml").data["a"]
    assert (type(read_value), read_value) == (type(value), value)


def test_keys_are_words_whatever_they_look_like() -> None:
    assert parse("{1: a, true: b, NO: c, 2027-01-01: d}", "x.yaml").data == {
        "1": "a",
        "true": "b",
        "NO": "c",
        "2027-01-01": "d",
    }


def test_what_fits_the_model_is_the_model() -> None:
    book = parse("lines:\n- {id: a, days: 3}\n", "x.yaml").validate(Book)
    assert book == Book(lines=(Line(id="a", days=3),))
    text = "country: NO\nbeds: 3\nchecked_on: 2027-03-01\nsites: [a]"
    assert parse(text, "x.yaml").validate(Hospital) == Hospital(
        country="NO", beds=3.0, checked_on=date(2027, 3, 1), sites=("a",)
    )


REFUSED = [
    ("lines:\n- {id: a, days: 3}\n- {id: b, days: soon}\n", 3, 11, "days", "whole number"),
    ("lines:\n- {id: a, days: 3}\n- {id: b, days: '4'}\n", 3, 11, "days", "without quotes"),
    ("lines:\n- {id: a, days: 3}\n- {id: b}\n", 3, 3, "days: Field required", "Add it"),
    ("lines:\n- id: a\n  days: 3\n  day: 4\n", 4, 3, "day: Extra inputs", "spelling or remove"),
    ("lines:\n- id: 12\n  days: 3\n", 2, 3, "id: Input should be a valid string", "in quotes"),
    ("lines: yes\n", 1, 1, "lines: Input should be a valid array", "`- ` lines"),
    ("- a\n- b\n", 1, 1, "Input should be an object", "`name: value` lines"),
    ("just a text\n", 1, 1, "Input should be an object", "`name: value` lines"),
    ("lines: []\nlines: []\n", 2, 1, "`lines` stands twice", "Remove one"),
    ("lines:\n- {id: a, id: b, days: 1}\n", 2, 11, "`id` stands twice", "Remove one"),
    ("{1: a, '1': b}", 1, 8, "`1` stands twice", "Remove one"),
    ("lines: [\n", 2, 1, "malformed YAML: did not find expected", "brackets"),
    ("lines:\n\t- x\n", 2, 1, "malformed YAML", "spaces, never with tabs"),
    ("lines:\n  \t- x\n", 2, 3, "malformed YAML", "spaces, never with tabs"),
    ("? [a]\n: 1\n", 1, 3, "a key must be a word", "`name: value`"),
    ("a: &x [*x]\n", 1, 8, "aliases", "Write the value out"),
    ("a: &x 1\nb: *x\n", 2, 1, "aliases", "Write the value out"),
    ("a: &x {b: 1}\nc: {<<: *x}\n", 2, 5, "aliases", "Write the value out"),
    ("a: " + "[" * 50 + "]" * 50 + "\n", 1, 44, "nested too deeply", "flatter"),
    ("a: !!python/object:os.system x\n", 1, 1, "the tag", "Remove it"),
    ("a: !!bool NO\n", 1, 1, "the tag", "Remove it"),
    ("a: 1\n---\nb: 2\n", 2, 1, "second document", "line `---`"),
    ("a: *nobody\n", 1, 1, "aliases", "Write the value out"),
]


@pytest.mark.parametrize(("text", "line", "column", "reason", "mend"), REFUSED)
def test_a_mistake_is_named_with_its_place_and_the_mend(
    text: str, line: int, column: int, reason: str, mend: str
) -> None:
    with pytest.raises(PlaybookError) as error:
        parse(text, "travel.yaml").validate(Book)
    told = str(error.value)
    assert told.startswith(f"travel.yaml:{line}:{column}: ")
    assert (error.value.file, error.value.line, error.value.column) == ("travel.yaml", line, column)
    assert reason in told and mend in told


@pytest.mark.parametrize(
    ("text", "reason", "mend"),
    [
        ("country: no", "String should match pattern", "in that form"),
        ("country: false", "valid string", "in quotes"),
        ("country: Norway", "String should match pattern", "in that form"),
        ("{country: NO, in_service: NO}", "valid boolean", "true or false"),
        ("{country: NO, in_service: 'yes'}", "valid boolean", "true or false"),
        ("{country: NO, in_service: 1}", "valid boolean", "true or false"),
        ("{country: NO, beds: '3'}", "valid number", "without quotes"),
        ("{country: NO, checked_on: 2027-13-40}", "valid date", "2026-11-23"),
        ("{country: NO, checked_on: soon}", "valid date", "2026-11-23"),
        ("{country: NO, contract: NO}", "'none' or 'signed'", "one of these words"),
        ("{country: NO, sites: {a: b}}", "valid array", "[a, b]"),
    ],
)
def test_a_value_of_another_kind_is_refused_not_guessed(text: str, reason: str, mend: str) -> None:
    with pytest.raises(PlaybookError) as error:
        parse(text, "hospitals.yaml").validate(Hospital)
    assert reason in str(error.value) and mend in str(error.value)
    assert error.value.line == 1 and error.value.column


def test_an_anchor_bomb_is_refused_before_it_grows() -> None:
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    with pytest.raises(PlaybookError, match=r"x\.yaml:2:10: aliases"):
        parse("\n".join(levels), "x.yaml")


@pytest.mark.parametrize("text", ["a: \x1f", "[" * 50_000, "{a: " * 50_000])
def test_what_the_parser_chokes_on_is_a_playbook_error(text: str) -> None:
    with pytest.raises(PlaybookError, match=r"malformed YAML|nested too deeply"):
        parse(text, "x.yaml")


def test_an_empty_a_missing_and_a_binary_file_are_named(tmp_path: Path) -> None:
    for text in ("", "# only a remark\n", "---\n"):
        with pytest.raises(PlaybookError, match=r"^x\.yaml:[12]:1: ") as error:
            parse(text, "x.yaml").validate(Book)
        assert error.value.mend
    with pytest.raises(PlaybookError, match=r"none\.yaml: cannot be read. Put the file back"):
        read(tmp_path / "none.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlaybookError, match=r"vocabularies/b\.yaml:1: is not UTF-8"):
        read(tmp_path / "b.yaml", "vocabularies/b.yaml")


@given(st.text())
def test_any_text_is_a_document_or_a_playbook_error(text: str) -> None:
    try:
        parse(text, "x.yaml")
    except PlaybookError as error:
        assert error.file == "x.yaml"


TEXTS = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), max_size=8)
TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(TREES)
def test_what_json_writes_is_read_as_it_was(tree: Any) -> None:
    """JSON is YAML: whatever is quoted there stays a text here, and numbers stay numbers."""
    assert parse(json.dumps([tree], ensure_ascii=False), "x.yaml").data == [tree]
