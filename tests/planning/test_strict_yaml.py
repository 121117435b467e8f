"""A mistake in a playbook is named with its file and line."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.strict_yaml import PlaybookError, Strict, parse, read


class Line(Strict):
    id: str
    days: int


class Book(Strict):
    lines: tuple[Line, ...]


def test_norway_is_a_country_and_a_date_is_a_date() -> None:
    assert parse("a: [NO, yes, on, true, false]\nb: 2027-03-01", "x.yaml").data == {
        "a": ["NO", "yes", "on", True, False],
        "b": date(2027, 3, 1),
    }


def test_what_fits_the_model_is_the_model() -> None:
    book = parse("lines:\n- {id: a, days: 3}\n", "x.yaml").validate(Book)
    assert book == Book(lines=(Line(id="a", days=3),))


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("lines:\n- {id: a, days: 3}\n- {id: b, days: soon}\n", 3, "days"),
        ("lines:\n- {id: a, days: 3}\n- {id: b}\n", 3, "days"),
        ("lines:\n- id: a\n  days: 3\n  day: 4\n", 4, "day"),
        ("lines: []\nlines: []\n", 2, "stands twice"),
        ("lines:\n- {id: a, id: b, days: 1}\n", 2, "stands twice"),
        ("lines: [\n", 2, "expected"),
        ("lines:\n\t- x\n", 2, "token"),
        ("? [a]\n: 1\n", 1, "a key must be a word"),
        ("a: &x [*x]\n", 1, "nested too deeply"),
        ("a: " + "[" * 30 + "]" * 30 + "\n", 1, "nested too deeply"),
        ("a: !!python/object:os.system x\n", 1, "constructor"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(PlaybookError, match=reason) as error:
        parse(text, "travel.yaml").validate(Book)
    assert (error.value.file, error.value.line) == ("travel.yaml", line)
    assert str(error.value).startswith(f"travel.yaml:{line}: ")


@pytest.mark.parametrize("text", ["a: \x1f", "[" * 50_000, "a: 2027-13-40"])
def test_what_the_parser_chokes_on_is_a_playbook_error(text: str) -> None:
    with pytest.raises(PlaybookError, match="not YAML"):
        parse(text, "x.yaml")


def test_an_empty_a_missing_and_a_binary_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(PlaybookError, match=r"x\.yaml: empty"):
        parse("", "x.yaml")
    with pytest.raises(PlaybookError, match=r"none\.yaml: cannot be read"):
        read(tmp_path / "none.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PlaybookError, match=r"b\.yaml: is not UTF-8"):
        read(tmp_path / "b.yaml")


@given(st.text())
def test_any_text_is_a_document_or_a_playbook_error(text: str) -> None:
    try:
        parse(text, "x.yaml")
    except PlaybookError as error:
        assert error.file == "x.yaml"
