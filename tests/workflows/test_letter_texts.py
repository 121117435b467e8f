"""What a patient or a hospital reads stands in the playbooks: code gives facts, in any language."""

import ast
import importlib
import inspect
import pkgutil
import re
import shutil
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import pytest
import yaml
from jinja2 import Environment
from sqlalchemy import select
from sqlmodel import Session, col

import workflows
from accounts.signed_links import portal_link
from adapters.reader.messages import CODES
from correspondence import LetterError, Letters
from correspondence.letter_words import load_words
from models import Case, FollowUpEntry, Hospital, Offer, OutreachThread
from models.outreach import STATES
from settings import PROJECT_ROOT
from tests.workflows.acts import approve, to_decision, to_surgery
from tests.workflows.playing import Play
from workflows.engine.playbooks import Playbooks, playbooks_of
from workflows.letters.fields import patient_fields, reminder_fields
from workflows.letters.patient_points import points_of
from workflows.letters.review_fields import REVIEW_FIELDS
from workflows.letters.to_hospitals import OF_OFFERS
from workflows.letters.ways import OPTIONS
from workflows.outreach.corrections import correction_fields
from workflows.outreach.enquiries import (
    DIAGNOSIS_FIELDS,
    NOT_GIVEN,
    PRIOR_FIELDS,
    chase_fields,
    enquiry_fields,
)
from workflows.outreach.item_answers import answer_fields
from workflows.outreach.offer_letters import letter_fields

FOLDER = PROJECT_ROOT / "playbooks"
BOOKS = playbooks_of(FOLDER)
TO_PATIENTS = ("M01", "M02", "M03", "M04", "M05", "M06", "M07", "M08", "M09", "M12", "M13", "M15",
               "M16", "M18", "M27", "M28a", "M28b", "M32", "M33", "M36", "M37", "M38")  # fmt: skip
"""Letters that a step writes from a case; M34, M41 and M42 are written beside them."""
TO_HOSPITALS = ("M10", "M11", "M14", "M17", "M44")
NAMES_AND_TEXTS = frozenset(
    {
        "name", "coordinator", "phone", "hours", "link", "hospital", "city", "department",
        "thread_subject", "words", "had_summary", "told", "asked", "title", "open",
        "qualification", "registration", "others", "conditions", "deposit_terms", "inclusions",
    }
)  # fmt: skip
"""Facts that are texts: names, settings, a subject that was sent, what somebody has worded."""
_CODE = re.compile(r"[\w.:+\-/]*", re.ASCII)


def fields_of(play: Play) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every letter that the case could get now, with what code tells it."""
    with Session(play.world.engine) as session:
        case = session.get_one(Case, play.case_id)
        for code in TO_PATIENTS:
            if code == "M18" and case.admission_date is None:
                continue
            fields = patient_fields(session, play.world, case, code, {})
            if code == "M16" and fields["told_on"] is None:
                continue  # it does not exist before the hospital is told
            yield code, fields
        yield from about_offers(session, play, case)
        given = {"code": "042317", "minutes": 10}
        yield "M41", patient_fields(session, play.world, case, "M41", {}, given)
        plan = select(FollowUpEntry).order_by(col(FollowUpEntry.id)).limit(40)
        for entry in session.scalars(plan).all():
            yield "M34", reminder_fields(session, play.world, case, entry)
        for thread in session.scalars(select(OutreachThread)).all():
            hospital = session.get_one(Hospital, thread.hospital_id)
            today = play.clock.now().date()
            yield "M10", enquiry_fields(session, play.world, case, hospital, today)
            for code in ("M11", "M17"):
                yield code, chase_fields(session, play.world, case, hospital, thread)
            yield "M14", answer_fields(session, play.world, case, hospital, thread)
            yield "M44", correction_fields(session, play.world, case, hospital, thread)


def about_offers(
    session: Session, play: Play, case: Case
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the letters about each offer of the case, to its hospital and to the family."""
    for offer in session.scalars(select(Offer)).all():
        thread = session.get_one(OutreachThread, offer.thread_id)
        hospital = session.get_one(Hospital, offer.hospital_id)
        told = {"offer_id": offer.id, "questions": ["validity", "deposit"]}
        named = {"offer_id": offer.id or 0, "hospital_id": offer.hospital_id}
        for code in OF_OFFERS:
            yield code, letter_fields(session, play.world, case, hospital, thread, told)
        for code in ("M47", "M51", "M52"):
            yield code, patient_fields(session, play.world, case, code, named)


def texts(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text in a field's value with the name it stands under."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from texts(item, str(name))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item, key)
    else:
        assert (
            value is None
            or isinstance(value, bool | int | float | date | datetime)
            or (type(value).__name__ == "Decimal")
        ), f"{key} holds {type(value).__name__}"


def playbook_sentences() -> set[str]:
    """Return the English sentences of the other playbooks that letters carry."""
    found = {
        text
        for item in BOOKS.completeness.items.values()
        for text in (item.plain, item.why, item.how)
    }
    found |= {item.title for item in BOOKS.travel.items}
    rules = [rule for section in BOOKS.follow_up.sections.values() for rule in section]
    found |= {rule.plain for rule in rules if rule.plain}
    for one in BOOKS.criteria.sets.values():
        found |= {text for criterion in one.criteria for text in (criterion.plain, criterion.ask)}
    return found


@pytest.mark.parametrize("brought", [to_decision, to_surgery])
def test_what_code_tells_a_letter_are_codes_days_amounts_and_names(
    play: Play, brought: Any
) -> None:
    brought(play)
    if brought is to_surgery:
        approve(play, "M45")
    sentences = playbook_sentences()
    seen = set()
    for code, fields in fields_of(play):
        seen.add(code)
        for name, text in texts(fields):
            if name == "open":
                assert text in sentences, f"{code}.{name}"
            elif name == "exclusions":
                continue
            elif name not in NAMES_AND_TEXTS:
                assert _CODE.fullmatch(text), f"{code}.{name} is a text"
    told = {"M16"} if brought is to_surgery else set()
    assert {*TO_PATIENTS, *TO_HOSPITALS, *OF_OFFERS, "M41", "M47", "M52"} - {"M18", "M16"} <= seen
    assert told <= seen


# A made-up language.

PSEUDO = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "абцдефгхийклмнопярстувшыжзАБЦДЕФГХИЙКЛМНОПЯРСТУВШЫЖЗ",
)
_ENGLISH = re.compile(r"[A-Za-z]{2,}(?:\W+[A-Za-z]{2,})+")


def pseudo(text: str) -> str:
    return text.translate(PSEUDO)


def pseudo_template(source: str) -> str:
    """Return a template with its own words in the made-up language; codes stay as they are."""
    parts, before = [], ""
    for _, kind, value in Environment(trim_blocks=True, lstrip_blocks=True).lex(source):
        if kind == "data" or (kind == "string" and before in ("=", "or", "else")):
            value = pseudo(value)
        parts.append(value)
        if kind != "whitespace":
            before = value
    return "".join(parts)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Letters:
    """Return the letters with a second language, added as a folder and a file alone."""
    folder = tmp_path_factory.mktemp("playbooks") / "playbooks"
    shutil.copytree(FOLDER, folder)
    letters = folder / "letters"
    english = yaml.safe_load((letters / "words" / "en.yaml").read_text())
    words = {
        "formats": {**english["formats"], "locale": "el", "list": "standard"},
        "words": {
            group: {
                str(code): {part: pseudo(text) for part, text in entry.items()}
                if isinstance(entry, dict)
                else pseudo(str(entry))
                for code, entry in entries.items()
            }
            for group, entries in english["words"].items()
        },
        "sentences": {text: pseudo(text) for text in playbook_sentences()},
    }
    (letters / "words" / "xx.yaml").write_text(yaml.safe_dump(words, allow_unicode=True))
    sentences = yaml.safe_load((letters / "sentences.yaml").read_text())
    sentences["xx"] = {need: pseudo(text) for need, text in sentences["en"].items()}
    (letters / "sentences.yaml").write_text(yaml.safe_dump(sentences, allow_unicode=True))
    facts = yaml.safe_load((letters / "facts.yaml").read_text())
    for place in facts["places"].values():
        place["words"]["xx"] = [pseudo(words) for words in place["words"]["en"]]
    (letters / "facts.yaml").write_text(yaml.safe_dump(facts, allow_unicode=True))
    for source in letters.glob("M*/en/*.txt"):
        target = source.parents[1] / "xx" / source.name
        target.parent.mkdir(exist_ok=True)
        target.write_text(pseudo_template(source.read_text()))
    return Playbooks(folder).letters


@pytest.mark.parametrize("brought", [to_decision, to_surgery])
def test_a_second_language_is_a_folder_and_no_english_comes_from_code(
    play: Play, made_up: Letters, brought: Any
) -> None:
    brought(play)
    refused = set()
    for code, fields in fields_of(play):
        try:
            letter = made_up.write(code, fields, "xx")
        except LetterError:
            refused.add(code)
            continue
        assert letter.language == "xx"
        shown = f"{letter.subject}\n{letter.body}"
        for name, fact in sorted(texts(fields), key=lambda one: -len(one[1])):
            if (name in NAMES_AND_TEXTS or name == "zone") and fact not in playbook_sentences():
                shown = shown.replace(fact, "-") if fact else shown
        assert not (english := _ENGLISH.findall(shown)), f"{code}: {english}"
        assert re.search("[а-я]{3}", letter.body)
    assert refused == NOTHING_TO_TELL - ({"M27"} if brought is to_surgery else set())


NOTHING_TO_TELL = {"M09", "M13", "M27", "M28a", "M28b", "M33", "M36"}
"""Letters about what has not happened in these cases: none of them can be written."""


def test_a_word_that_stood_in_code_would_be_found(made_up: Letters) -> None:
    fields = {**made_up.samples("M01"), "hours": "when it suits the team"}
    assert _ENGLISH.search(made_up.render("M01", fields, "xx").body)


# Codes that code gives have words.


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("thread", [state for state in STATES if state not in ("draft", "approved")]),
        ("file_problem", sorted(CODES)),
        ("option", OPTIONS),
        ("finding", (*DIAGNOSIS_FIELDS, *PRIOR_FIELDS)),
        ("limit", ("lt", "le", "gt", "ge")),
        ("technique", ("ioert", "kv_iort", "ebx", "hdr_iort")),
        ("origin", BOOKS.follow_up.rules.precedence),
    ],
)
def test_every_code_that_a_letter_is_told_has_words(group: str, codes: list[str]) -> None:
    words = yaml.safe_load((FOLDER / "letters" / "words" / "en.yaml").read_text())["words"]
    assert set(codes) == set(words[group])


def test_every_value_of_a_finding_that_hospitals_read_has_words() -> None:
    fields = yaml.safe_load((FOLDER / "vocabularies" / "findings.yaml").read_text())["fields"]
    words = yaml.safe_load((FOLDER / "letters" / "words" / "en.yaml").read_text())["words"]
    values = {"true", "false"}
    for name, field in fields.items():
        if name.rsplit(".", 1)[-1] in (*DIAGNOSIS_FIELDS, *PRIOR_FIELDS):
            values |= set(field.get("values", ()))
    assert values - NOT_GIVEN == {str(code).lower() for code in words["finding_value"]}


def test_every_answer_of_a_follow_up_question_has_words() -> None:
    words = yaml.safe_load((FOLDER / "letters" / "words" / "en.yaml").read_text())["words"]
    for kind, codes in BOOKS.follow_up.rules.answer_sets.items():
        group = {"symptom": "answer_symptom", "state": "answer_state"}.get(kind, "answer")
        assert set(codes) <= set(words[group]), kind


# The sources themselves.

FEEDING = frozenset(
    {
        "patient_fields",
        "reminder_fields",
        "enquiry_fields",
        "chase_fields",
        "correction_fields",
        "answer_fields",
        "write_draft",
        "compose_mime",
    }
)
"""A module that names one of these writes letters, or says what they are told."""
BESIDE = frozenset(
    function.__module__
    for function in (points_of, REVIEW_FIELDS["signed"], portal_link, Letters.load, load_words)
)
_SENTENCE = re.compile(r"[A-Za-z]{2,}(?:[\s,;:]+[A-Za-z]{2,}){2,}")


def named(tree: ast.Module) -> set[str]:
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return names | {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


TO_COORDINATORS = frozenset({"cheap", "slow", "Trouble", "Question", "Choice"})
"""What declares a step or a question: its words are read at the console, never in a letter."""


def sentences_in(source: str) -> list[str]:
    """Return texts of three English words or more that are no docstring, log or refusal.

    What is only compared with is nothing that is said.
    """
    skipped: set[ast.AST] = set()
    tree = ast.parse(source)
    for node in ast.walk(tree):
        log = (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and (isinstance(node.func.value, ast.Name) and node.func.value.id in ("log", "logger"))
        )
        called = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
        told = called in TO_COORDINATORS or called == "text"  # SQL is read by nobody outside
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if log or told or docstring or isinstance(node, ast.Raise | ast.Assert | ast.Compare):
            skipped |= set(ast.walk(node))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node not in skipped
        and _SENTENCE.search(node.value)
    ]


def sources() -> dict[str, str]:
    found = {}
    for module in pkgutil.walk_packages(workflows.__path__, "workflows."):
        source = inspect.getsource(importlib.import_module(module.name))
        if named(ast.parse(source)) & FEEDING or module.name in BESIDE:
            found[module.name] = source
    for name in BESIDE:
        found.setdefault(name, inspect.getsource(importlib.import_module(name)))
    return found


def test_no_sentence_that_somebody_outside_reads_stands_in_code() -> None:
    modules = sources()
    assert len(modules) >= 10, sorted(modules)
    found = {name: sentences_in(source) for name, source in modules.items()}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('FIELDS = {"news": "There is no new answer yet."}', 1),
        ('def f(n):\n    return f"{n} files have arrived here"', 1),
        ('"""A docstring of some words."""\nX = 1\n"""And one of X, in words."""', 0),
        ('raise ValueError("a refusal in some words")', 0),
        ('log.warning("what a log says here")', 0),
        ('X = ("thread_id", "not reported", "a/b c")', 0),
        ('X = "has no attribute" in message', 0),
    ],
)
def test_the_rule_finds_a_sentence_and_leaves_refusals_alone(source: str, count: int) -> None:
    assert len(sentences_in(source)) == count
