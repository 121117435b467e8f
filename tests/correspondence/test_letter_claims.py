"""No letter claims what no fact bears: every binding of the letters that the product ships.

The cases are made of the templates themselves: for each bound sentence, fields that show it, and
the same without the fact.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from correspondence import LetterError, Letters
from correspondence.letter_claims import Block
from playbook_reader import PlaybookError
from tests.correspondence.test_letter_words import french
from tests.correspondence.test_letters import FOLDER, LETTERS, META, folder

CODES = [code for code in LETTERS.codes if LETTERS.meta(code).unbound is None]
Fields = Mapping[str, Any]


def values_of(code: str, name: str) -> list[Any]:
    """Return what a field may hold, its sample first: each code, nothing, each truth."""
    one = LETTERS.meta(code).fields[name]
    values = [one.sample]
    if one.codes and not isinstance(one.sample, list):
        values += one.codes
    if isinstance(one.sample, bool):
        values += [True, False]
    elif isinstance(one.sample, int):
        values += [0, 1, 2, 3]
    elif isinstance(one.sample, list):
        values += [[], [*one.sample, *one.sample]]
        values += [[variant] for item in one.sample[:1] for variant in variants(item)]
    elif isinstance(one.sample, dict):
        values += [{**one.sample, part: None} for part in one.sample]
    values += MORE.get((code, name), [])
    if one.optional:
        values.append(None)
    return [value for index, value in enumerate(values) if value not in values[:index]]


def variants(item: object) -> Iterator[object]:
    """Yield a row of a list with each of its parts missing, alone and in pairs."""
    if not isinstance(item, dict):
        return
    extra: dict[str, list[Any]] = {
        "outcome": ["have", "unavailable", "open"],
        "item": ["other"],
        "kind": ["noted"],
    }
    for name in item:
        yield {**item, name: None}
        yield from ({**item, name: value} for value in extra.get(name, []))
        for other in item:
            yield {**item, name: None, other: None}
    if "outcome" in item:
        yield {**item, "outcome": "open", "asked_on": LETTERS.samples("M14")["asked_by_them"]}


def tried(code: str) -> Iterator[Fields]:
    """Yield the samples of a letter, and them with one field and with two changed."""
    samples = LETTERS.samples(code)
    choices = {name: values_of(code, name) for name in samples}
    yield samples
    used = {root for block in LETTERS.blocks(code) for root in block.roots} | guards(code)
    varied = [name for name in choices if name in used]
    for name in varied:
        for value in choices[name][1:]:
            yield {**samples, name: value}
    for one, two in ((a, b) for a in varied for b in varied if a < b):
        for first, second in product(choices[one][1:], choices[two][1:]):
            yield {**samples, one: first, two: second}


def guards(code: str) -> set[str]:
    """Return the fields that plain conditions of the template ask."""
    source = "".join((FOLDER / code / "en" / part).read_text() for part in PARTS)
    asked = re.findall(r"{% (?:el)?if ([^%]*)%}", source)
    return {name for text in asked for name in re.findall(r"[a-z_]+", text)}


UNREAD = {
    "item": None,
    "photos": None,
    "sent": datetime(2027, 3, 1, 9, tzinfo=UTC),
    "file": 2,
    "files": ["2"],
    "pages": [],
    "problem": "cut_off",
    "due": date(2027, 3, 12),
}
MORE: Mapping[tuple[str, str], list[Any]] = {
    ("M05", "items"): [[UNREAD], [{**UNREAD, "pages": ["3"]}], [{**UNREAD, "files": ["2", "4"]}]]
}
"""Other shapes of a field than its sample has."""
PARTS = ("subject.txt", "body.txt")


def shown(code: str, fields: Fields) -> str:
    """Return the letter's text in one line; nothing when it is refused."""
    try:
        letter = LETTERS.render(code, fields)
    except LetterError:
        return ""
    return " ".join(f"{letter.subject} {letter.body}".split())


def mark(code: str, block: Block) -> str | None:
    """Return words that only this sentence of the letter has; nothing when others share them."""
    pieces = [" ".join(text.split()) for text in block.texts]
    others = [
        " ".join(text.split())
        for other in LETTERS.blocks(code)
        if other is not block and other.binding != block.binding
        for text in other.texts
    ]
    own = [
        piece
        for piece in sorted(pieces, key=len, reverse=True)
        if len(re.findall(r"[^\W\d_]", piece)) > 3 and not any(piece in other for other in others)
    ]
    return own[0] if own else None


@pytest.mark.parametrize("code", CODES)
def test_without_its_fact_no_sentence_stands_and_with_it_each_does(code: str) -> None:
    """Remove a fact: the sentence is gone, or the letter is refused. Each can be shown."""
    marks = {
        block: words
        for block in LETTERS.blocks(code)
        if block.facts and (words := mark(code, block))
    }
    seen: set[Block] = set()
    for fields in tried(code):
        text = shown(code, fields)
        for block, words in marks.items():
            if words in text:
                seen.add(block)
                assert all(may_hold(fact, fields) for fact in block.facts), (block, words)
    assert not set(marks) - seen, "sentences that nothing shows"


def may_hold(fact: str, fields: Fields) -> bool:
    """Return whether a fact of the letter's own fields holds; one of a list's rows may."""
    name, _, code = fact.removeprefix("not ").partition(" == ")
    if "." in name or name not in fields:
        return True
    if fact.startswith("not "):
        return fields[name] is not None and not fields[name]
    return str(fields[name]) == code if code else bool(fields[name])


@pytest.mark.parametrize("code", CODES)
def test_no_field_of_rows_is_told_where_the_row_lacks_it(code: str) -> None:
    """A sentence about a part of a row (`offer.valid_until`) is gone when no row has that part."""
    samples = LETTERS.samples(code)
    for block in LETTERS.blocks(code):
        words = mark(code, block)
        for fact, root in zip(block.facts, block.roots, strict=True):
            part = fact.removeprefix("not ").partition(" == ")[0].partition(".")[2]
            if not part or not words or not isinstance(samples[root], list):
                continue
            rows = [{**row, part: None} for row in samples[root] if isinstance(row, dict)]
            assert words not in shown(code, {**samples, root: rows}), (code, fact)


def test_a_translation_binds_the_same_blocks(tmp_path: Path) -> None:
    english = "{% tells name %}We wrote to {{ name }}.{% endtells %}"
    made = french(folder(tmp_path, body=english, bound=True), FRENCH)
    Letters.load(made)
    for body, reason in (
        ("Nous avons écrit.", "a sentence without its fact"),
        ("{% tells not name %}Nous avons écrit.{% endtells %}", "has tells not name and lacks"),
        ("{% says greeting %}Bonjour.{% endsays %}" + english, "has says greeting"),
    ):
        (made / "M01" / "fr" / "body.txt").write_text(body)
        with pytest.raises(PlaybookError, match=f"letters/M01/fr/body.txt.*{reason}"):
            Letters.load(made)


FRENCH = """formats:
  locale: fr
  day: "d MMMM y"
  short_day: "d MMM y"
  month: "MMMM y"
  moment: "y-MM-dd HH:mm"
  amount: "#,##0"
  list: unit
words:
  organ: {breast: "le sein", stomach: "l'estomac"}
"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("We have written to the hospital.", "body.txt:1: a sentence without its fact"),
        ("{{ name }}\n\nThey will call.", "body.txt:3: a sentence without its fact"),
        ('{{ "We have called" if name else "" }}', "words outside of tells and says"),
        ("{% if name %}We told them.{% endif %}", "a sentence without its fact"),
        ("{% set name = 'We told them' %}{{ name }}", "Assign has no place"),
        ("{% tells nobody %}They know.{% endtells %}", "nobody is no field"),
        ("{% tells sentences.closing %}They know.{% endtells %}", "sentences is no field"),
        ("{% tells name %}We wrote. They answered.{% endtells %}", "one sentence in each tells"),
        ("{% says chatter %}Hello.{% endsays %}", "chatter is no kind"),
        ("{% says greeting %}We have told them.{% endsays %}", '"We have" claims something'),
        ("{% says greeting %}Your operation is planned.{% endsays %}", '"planned" claims'),
        ("{% says greeting %}We call you tomorrow.{% endsays %}", '"We call" claims'),
        ("{% says greeting %}It was sent.{% endsays %}", '"was" claims'),
        ("{% says greeting %}If it rains, we will call.{% endsays %}", '"we will call" claims'),
        ("{% filter upper %}They know.{% endfilter %}", "has no place in a letter"),
        ("{% tells name == other %}They know.{% endtells %}", "compared with a code"),
    ],
)
def test_an_unbound_claim_is_refused_with_file_and_line(
    tmp_path: Path, body: str, reason: str
) -> None:
    with pytest.raises(PlaybookError, match=re.escape(reason)):
        Letters.load(folder(tmp_path, body=body, bound=True))


def test_a_field_that_comes_from_nowhere_is_refused(tmp_path: Path) -> None:
    made = folder(tmp_path, meta_text=META + "  seen: {note: n, sample: true}\n", bound=True)
    (made / "M01" / "en" / "body.txt").write_text("{% tells seen %}A person read it.{% endtells %}")
    with pytest.raises(PlaybookError, match="seen: says not where it is from"):
        Letters.load(made)


def test_what_is_known_to_be_none_is_told_and_what_is_unknown_is_not(tmp_path: Path) -> None:
    meta = META.replace("sample: Grace", "sample: false, optional: true")
    letters = Letters.load(
        folder(tmp_path, meta_text=meta, body="{% tells not name %}Nobody.{% endtells %}")
    )
    said = {value: letters.render("M01", {"name": value}).body for value in (True, False, None)}
    assert said == {True: "\n", False: "Nobody.\n", None: "\n"}


def test_every_letter_is_bound() -> None:
    """A letter whose sentences are not bound is a debt that stands here with its reason."""
    assert set(LETTERS.codes) - set(CODES) == set(DEBTS.split())


DEBTS = ""
