"""Forms: what a field of an event's payload may hold, as `events.yaml` writes it.

The grammar is closed. A form is one of

    KIND            a kind of `KINDS` below, or a list that the file names under `lists`
    a|b|c           one of these words; =a is the one word a; a:<hospital> is a word, a colon and
                    the code of a hospital
    [FORM]          a list of these
    {FORM: FORM}    a mapping: the form of its keys, and of its values

Every form becomes one test when the file is read, so that writing an event looks nothing up.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from math import isfinite
from typing import Any

Test = Callable[[object], bool]

CODE = re.compile(r"[\w.:+\-/#*&%]{0,120}", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9_]+(:<hospital>)?")
_AT_HOSPITAL = ":<hospital>"
_HOSPITAL = r"H\d{2,4}"


class FormError(ValueError):
    """A form is outside the grammar. `mend` says what to write."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Form:
    """A form, ready to test values. `said` completes "must be ..."; `words` are those of a list.

    `closed`: no word that a person makes up can pass. Open is `code` alone, for what the program
    itself writes.
    """

    test: Test
    said: str
    words: tuple[str, ...] = ()
    closed: bool = True


def _pattern(pattern: str) -> Test:
    match = re.compile(pattern, re.ASCII).fullmatch
    return lambda value: type(value) is str and match(value) is not None


def _is_code(value: object) -> bool:
    return isinstance(value, str) and CODE.fullmatch(value) is not None


def _is_id(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_number(value: object) -> bool:
    return type(value) is int or (type(value) is float and isfinite(value))


def _is_date(value: object) -> bool:
    try:
        return type(value) is str and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_moment(value: object) -> bool:
    try:
        return type(value) is str and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


KINDS: Mapping[str, Form] = {
    "id": Form(_is_id, "the number of a row"),
    "int": Form(lambda value: type(value) is int, "a whole number"),
    "num": Form(_is_number, "a number"),
    "bool": Form(lambda value: type(value) is bool, "yes or no (true or false)"),
    "date": Form(_is_date, "a date such as 2027-03-12"),
    "ts": Form(_is_moment, "a moment with its offset such as 2027-03-12T09:30:00+00:00"),
    "ISO2": Form(_pattern("[A-Z]{2}"), "a country of two letters such as IN"),
    "ISO4217": Form(_pattern("[A-Z]{3}"), "a currency of three letters such as USD"),
    "BCP47": Form(
        _pattern("[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?"),
        "a language such as en or zh-Hans",
    ),
    "hash": Form(_pattern("[0-9a-f]{8,64}"), "a hash in hexadecimal"),
    "hospital": Form(_pattern(_HOSPITAL), "the code of a hospital such as H01"),
    "case_ref": Form(_pattern(r"CFX-\d{2}-\d{5,}"), "the reference of a case"),
    "state": Form(_pattern("[A-Z][A-Z_]{2,29}"), "a state such as OUTREACH"),
    "event": Form(_pattern(r"[a-z_]+\.[a-z0-9_]+"), "an event such as case.opened"),
    "code": Form(_is_code, "a code without spaces", closed=False),
}


def compile_form(written: Any, lists: Mapping[str, Form]) -> Form:
    """Return the form that is `written` as a text, a list of one or a mapping of one.

    `lists` are the file's own, by name. Raises `FormError`.
    """
    if isinstance(written, list):
        if len(written) != 1:
            raise FormError("a list holds one form", "write it as [form]")
        return _list_of(compile_form(written[0], lists))
    if isinstance(written, dict):
        if len(written) != 1:
            raise FormError("a mapping holds one pair of forms", "write it as {form: form}")
        ((key, value),) = written.items()
        return _mapping_of(compile_form(key, lists), compile_form(value, lists))
    if not isinstance(written, str):
        raise FormError(f"{written!r} is no form", "put the word in quotes")
    known = KINDS.get(written) or lists.get(written)
    return known or _words(written)


def _words(written: str) -> Form:
    alone = written.startswith("=")
    words = tuple(written[1:].split("|")) if alone else tuple(written.split("|"))
    if not alone and len(words) == 1:
        raise FormError(
            f"there is no form {written}",
            f"write ={written} for that one word, or use one of: {', '.join(KINDS)}",
        )
    for word in words:
        if not _WORD.fullmatch(word):
            raise FormError(
                f"`{word}` is no word of a list", "words have letters, digits and underscores"
            )
        if words.count(word) > 1:
            raise FormError(f"`{word}` stands twice", "remove one of them")
    return Form(_test_of(words), f"one of these codes: {', '.join(words)}", words)


def _test_of(words: tuple[str, ...]) -> Test:
    plain = frozenset(word for word in words if not word.endswith(_AT_HOSPITAL))
    named = [word.removesuffix(_AT_HOSPITAL) for word in words if word not in plain]
    if not named:
        return lambda value: type(value) is str and value in plain
    match = re.compile(f"({'|'.join(named)}):{_HOSPITAL}", re.ASCII).fullmatch
    return lambda value: type(value) is str and (value in plain or match(value) is not None)


def _list_of(form: Form) -> Form:
    test = form.test

    def each(value: object) -> bool:
        return isinstance(value, list | tuple) and all(map(test, value))

    return Form(each, f"a list, each {form.said}", form.words, form.closed)


def _mapping_of(keys: Form, values: Form) -> Form:
    key_test, value_test = keys.test, values.test

    def each(value: object) -> bool:
        return isinstance(value, Mapping) and all(
            key_test(key) and value_test(item) for key, item in value.items()
        )

    said = f"a mapping from {keys.said} to {values.said}"
    return Form(each, said, (), keys.closed and values.closed)
