"""How a letter's facts are said in one language: words for codes, formats of days and amounts.

`playbooks/letters/words/<language>.yaml` holds them, beside the templates. A template asks with a
filter: `{{ technique | word("technique") }}`, `{{ due | day }}`, `{{ low | amount }}`. Sentences of
other playbooks (what to send, what is asked) are English there; another language holds their
translations by the English sentence, so that a changed sentence has none until somebody looks.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal
from jinja2 import Undefined
from pydantic import Field

from playbook_reader import Document, Strict, read

Entry = str | dict[str, str]
"""A code's word, or its words by part: `{name: ..., what: ...}`."""
PlaybookWords = Mapping[str, Mapping[str, Callable[[str], str | None]]]
"""English sentences of other playbooks: group, part ("" when there is one), code to sentence."""


class LetterError(Exception):
    """A letter could not be written. Names template and field; holds no value of a field."""


class NotTranslated(LetterError):
    """A sentence of a playbook has no translation: the letter is written in English."""


class Formats(Strict):
    """How days, moments, amounts and lists are written: patterns of the Unicode CLDR."""

    locale: str
    day: str
    short_day: str
    month: str
    moment: str
    amount: str
    list: Literal["standard", "or", "unit"]


class WordsFile(Strict):
    """`words/<language>.yaml`."""

    formats: Formats
    words: dict[str, dict[str, Entry]]
    sentences: dict[str, str] = Field(default_factory=dict)


class Words:
    """The words of one language."""

    def __init__(
        self, language: str, file: WordsFile, playbooks: PlaybookWords, locale: Locale
    ) -> None:
        """Use `load_words`."""
        self.language = language
        self.locale = locale
        self._formats = file.formats
        self._words = file.words
        self._sentences = file.sentences
        self._playbooks = playbooks

    def texts(self) -> Sequence[str]:
        """Return what this file can say: these are the house's own words, and nobody's name."""
        entries = [entry for group in self._words.values() for entry in group.values()]
        texts = [entry.values() if isinstance(entry, dict) else (entry,) for entry in entries]
        return [text for parts in texts for text in parts]

    def of_group(self, group: str, part: str = "") -> Sequence[str]:
        """Return what the codes of a group of this file may say; nothing for another playbook's."""
        entries = self._words.get(group, {}).values()
        texts = [entry.get(part) if isinstance(entry, dict) else entry for entry in entries]
        return [text for text in texts if text is not None]

    def groups(self) -> Mapping[str, Sequence[str]]:
        """Return the groups that a template may name, each with the parts of its entries."""
        own = {
            group: tuple(_parts(next(iter(entries.values()))))
            for group, entries in self._words.items()
        }
        return {**own, **{group: tuple(parts) for group, parts in self._playbooks.items()}}

    def codes(self, group: str) -> frozenset[str] | None:
        """Return the codes that a group has words for; None when another playbook says which."""
        return frozenset(self._words[group]) if group in self._words else None

    def filters(self) -> Mapping[str, Callable[..., str]]:
        """Return what a template may use."""
        return {
            "word": self.word,
            "said": self.said,
            "country": self.country,
            "day": self.day,
            "short_day": self.short_day,
            "month": self.month,
            "moment": self.moment,
            "amount": self.amount,
            "listing": self.listing,
            "plural": self.plural,
            "statement": self.statement,
        }

    def word(self, code: object, group: str, part: str = "") -> str:
        """Return the words for a code; raise `LetterError` for a code without any."""
        if (entries := self._words.get(group)) is not None:
            entry = entries.get(_code(code))
            text = entry.get(part) if isinstance(entry, dict) else entry
            if text is None:
                raise LetterError(f"a code of {group} has no words in {self.language}")
            return text
        sentence = self._playbooks[group][part](_code(code))
        if sentence is None:
            raise LetterError(f"a code of {group} has no words in its playbook")
        return self.said(sentence)

    def said(self, sentence: str) -> str:
        """Return a playbook's sentence in this language; raise `NotTranslated`."""
        if self.language == "en":
            return sentence
        try:
            return self._sentences[sentence]
        except KeyError:
            raise NotTranslated(
                f"a sentence of a playbook has no words in {self.language}"
            ) from None

    def statement(self, told: Mapping[str, Any]) -> str:
        """Return what a document states: `fact`, and `numbers` with `unit`, `value` or `stage`.

        The words stand in the groups statement, limit, unit and finding_value.
        """
        parts: list[str] = []
        for one in told["numbers"]:
            limit = self.word(one["limit"], "limit") if one["limit"] else ""
            parts.append(f"{limit} {one['number']}".strip())
        if parts:
            parts.append(self.word(told["unit"], "unit") if told["unit"] else "")
        if told["value"]:
            parts.append(self.word(told["value"], "finding_value"))
        if told["stage"]:
            parts.append(str(told["stage"]))
        said = " ".join(part for part in parts if part)
        fact = self.word(told["fact"], "statement")
        return f"{fact}: {said}" if said else fact

    def country(self, code: str) -> str:
        """Return a country's name; the code itself when it names none."""
        names: Mapping[str, str] = self.locale.territories
        return names.get(code.upper(), code)

    def day(self, value: object) -> str:
        """Return a day in full."""
        return format_date(_given(value, date), self._formats.day, locale=self.locale)

    def short_day(self, value: object) -> str:
        """Return a day in short, for a subject or a summary."""
        return format_date(_given(value, date), self._formats.short_day, locale=self.locale)

    def month(self, value: object) -> str:
        """Return a day's month and year."""
        return format_date(_given(value, date), self._formats.month, locale=self.locale)

    def moment(self, value: object, zone: str) -> str:
        """Return a moment in the recipient's own time; `zone` is an IANA name."""
        local = _given(value, datetime).astimezone(ZoneInfo(zone))
        return format_datetime(local, self._formats.moment, locale=self.locale)

    def amount(self, value: object) -> str:
        """Return an amount of money without its currency, to the hundredth where it has any."""
        given = _given(value, (int, float, Decimal))
        whole = given == int(given)
        pattern = self._formats.amount if whole else f"{self._formats.amount}.00"
        return format_decimal(given, pattern, locale=self.locale)

    def listing(self, values: Sequence[str]) -> str:
        """Return names or words in a row."""
        return format_list(list(values), style=self._formats.list, locale=self.locale)

    def plural(self, count: int, **forms: str) -> str:
        """Return the form for a number, by the language's own categories (one, few, other)."""
        return forms.get(self.locale.plural_form(count), forms["other"])


def load_words(folder: Path, playbooks: PlaybookWords) -> dict[str, Words]:
    """Read `words/*.yaml`. Raises PlaybookError naming file and line.

    Every language has the groups, codes and parts of English, no more and no less.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
    documents = {
        language: read(path, f"letters/words/{path.name}") for language, path in files.items()
    }
    read_files = {language: one.validate(WordsFile) for language, one in documents.items()}
    found: dict[str, Words] = {}
    for language, file in read_files.items():
        document = documents[language]
        if english := read_files.get("en"):
            _same_codes(document, file, english)
        for group in set(file.words) & set(playbooks):
            raise document.error(("words", group), f"{group} is a group of another playbook")
        found[language] = Words(language, file, playbooks, _locale(document, file.formats))
    return found


def _given(value: object, kind: type | tuple[type, ...]) -> Any:
    """Return the value; raise `LetterError` for one of another kind, most of all for None.

    Babel writes today's date for None.
    """
    if isinstance(value, Undefined):
        str(value)  # a strict one names itself in what it raises
    if not isinstance(value, kind):
        raise LetterError("a field is empty or holds something else")
    return value


def _code(value: object) -> str:
    """Return a code as a words file writes it: true and false stand for themselves."""
    _given(value, (str, int, bool))
    return str(value).lower() if isinstance(value, bool) else str(value)


_MOMENT = datetime(2027, 3, 9, 14, 35, tzinfo=UTC)
_TOLD_APART = {"year": 2028, "month": 4, "day": 10}
_AMOUNT = 1234567


def _locale(document: Document, formats: Formats) -> Locale:
    """Return the locale; raise PlaybookError for an unknown one, or a pattern that hides a part."""
    try:
        locale = Locale.parse(formats.locale)
    except (ValueError, UnknownLocaleError):
        raise document.error(("formats", "locale"), "is no locale that is known") from None
    parts: dict[str, dict[str, int]] = {
        "day": _TOLD_APART,
        "short_day": _TOLD_APART,
        "month": {"year": 2028, "month": 4},
        "moment": {**_TOLD_APART, "hour": 15, "minute": 36},
    }
    for name, others in parts.items():
        if hidden := _hidden(getattr(formats, name), locale, others):
            raise document.error(("formats", name), f"does not show the {hidden}")
    amount = format_decimal(_AMOUNT, formats.amount, locale=locale)
    digits = "".join(str(unicodedata.digit(char)) for char in amount if char.isdigit())
    if digits != str(_AMOUNT):
        raise document.error(("formats", "amount"), "does not show a whole number")
    return locale


def _hidden(pattern: str, locale: Locale, others: Mapping[str, int]) -> str | None:
    """Return the part of a moment that a pattern does not show, or "day" for no pattern at all."""
    try:
        shown = format_datetime(_MOMENT, pattern, locale=locale)
        for part, value in others.items():
            changed = _MOMENT.replace(**{part: value})  # type: ignore[arg-type]
            if format_datetime(changed, pattern, locale=locale) == shown:
                return part
    except (AttributeError, KeyError, ValueError):
        return "day"
    return None


def _same_codes(document: Document, file: WordsFile, english: WordsFile) -> None:
    for group in english.words.keys() - file.words.keys():
        raise document.error(("words",), f"{group} is missing")
    for group, entries in file.words.items():
        wanted = english.words.get(group)
        if wanted is None:
            raise document.error(("words", group), f"{group} is no group of words/en.yaml")
        if not entries:
            raise document.error(("words", group), f"{group} is empty")
        for code in wanted.keys() - entries.keys():
            raise document.error(("words", group), f"{group} has no words for {code}")
        shape = _parts(next(iter(wanted.values())))
        for code, entry in entries.items():
            if code not in wanted:
                raise document.error(("words", group, code), f"{code} is no code of {group}")
            if _parts(entry) != shape:
                raise document.error(("words", group, code), f"{code} must have {sorted(shape)}")


def _parts(entry: Entry) -> frozenset[str]:
    return frozenset(entry) if isinstance(entry, dict) else frozenset({""})
