"""Where the facts of letters come from: each source exists, and something records it."""

import re
from collections.abc import Iterator

import pytest
import yaml
from sqlmodel import SQLModel

import models  # noqa: F401  (the tables)
from correspondence.letter_claims import Facts
from playbook_reader import read
from settings import PROJECT_ROOT, Settings
from tests.workflows import reachable
from workflows import not_yet
from workflows.decisions import QUESTIONS
from workflows.engine.playbooks import playbooks_of
from workflows.process import Process
from workflows.steps import STEPS

FACTS = PROJECT_ROOT / "playbooks" / "letters" / "facts.yaml"
BOOKS = playbooks_of(PROJECT_ROOT / "playbooks")
LETTERS = BOOKS.letters
BY_ITSELF = ("rule",)
"""Sources of a value that is made with the letter: such a value is no fact."""


@pytest.fixture(scope="module")
def process() -> Process:
    return Process.load(PROJECT_ROOT / "playbooks")


def fields() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield letter, field and where its value comes from; an unbound letter may not say it yet."""
    for code in LETTERS.codes:
        if LETTERS.meta(code).unbound and not all(
            LETTERS.sources(code, name) for name in LETTERS.meta(code).fields
        ):
            continue
        for name in LETTERS.meta(code).fields:
            yield code, name, LETTERS.sources(code, name)


def event_of(source: str, process: Process) -> str | None:
    """Return the event type that a source names, with a field of it or without."""
    kind, _, name = source.partition(":")
    if kind != "event":
        return None
    return next((one for one in (name, name.rpartition(".")[0]) if one in process.vocabulary), None)


def is_given(source: str, process: Process) -> bool:
    """Return whether something gives a source: an event counts when something records it."""
    event = event_of(source, process)
    return source != "nobody" and event not in not_yet.EVENTS


def is_there(source: str, process: Process) -> bool:
    """Return whether a source is one that the program has."""
    kind, _, name = source.partition(":")
    first, _, part = name.rpartition(".")
    if kind == "event":
        event = event_of(source, process)
        return event is not None and (event == name or part in process.vocabulary.fields(event))
    if kind == "column":
        table = SQLModel.metadata.tables.get(first)
        return table is not None and part in table.columns
    if kind == "question":
        return name in QUESTIONS
    if kind == "step":
        return name in STEPS
    if kind == "setting":
        return name in Settings.model_fields
    if kind == "playbook":
        return (PROJECT_ROOT / "playbooks" / f"{name}.yaml").exists()
    return source in (*BY_ITSELF, "nobody")


def test_every_source_exists(process: Process) -> None:
    wrong = {
        f"{code}.{name}": source
        for code, name, sources in fields()
        for source in sources
        if not is_there(source, process)
    }
    assert wrong == {}


def test_every_fact_of_a_letter_that_leaves_is_recorded_or_says_why_not(process: Process) -> None:
    """A binding to what nobody records: the letter never leaves, or the sentence never stands."""
    nobody = {
        f"{code}.{name}"
        for code, name, sources in fields()
        if code not in not_yet.LETTERS and not any(is_given(one, process) for one in sources)
    }
    assert nobody == set(not_yet.FACTS)
    recorded = reachable.recorded()
    events = {event_of(source, process) for _, _, sources in fields() for source in sources}
    assert {event for event in events if event} - recorded <= set(not_yet.EVENTS)


def test_facts_say_where_a_field_of_some_letter_comes_from_and_no_other() -> None:
    known = set(read(FACTS, FACTS.name).validate(Facts).fields)
    used = {f"{code}.{name}" for code, name, _ in fields()} | {name for _, name, _ in fields()}
    assert known <= used


@pytest.mark.parametrize("code", LETTERS.codes)
def test_no_sentence_rests_on_a_setting_or_on_the_clock_alone(code: str) -> None:
    """Who coordinates, or a day counted from today, is no fact about what was done."""
    for block in LETTERS.blocks(code):
        for fact, root in zip(block.facts, block.roots, strict=True):
            kinds = {source.partition(":")[0] for source in LETTERS.sources(code, root)}
            assert not kinds <= {"setting", *BY_ITSELF}, f"{fact}: {block.texts}"


@pytest.mark.parametrize(
    "source",
    [
        "event:surgery.dreamt",
        "event:surgery.completed.weather",
        "column:case.colour",
        "column:cases.ref",
        "question:who_knows",
        "step:notices.send_smoke",
        "setting:secret_phone",
        "playbook:guesses",
        "somebody",
    ],
)
def test_a_source_that_does_not_exist_is_found(process: Process, source: str) -> None:
    assert not is_there(source, process)
    assert is_there("event:surgery.completed.iort_delivered", process)


def test_an_event_that_nothing_records_gives_nothing(process: Process) -> None:
    assert not is_given("event:translation.requested", process)
    assert is_given("event:surgery.completed", process)


COUNTRIES = {"IN": r"\bIndian?\b", "CN": r"\bChin(?:a|ese)\b"}


def test_a_family_reads_of_no_other_country_than_its_own() -> None:
    """An item that is not of one country names none; one of India never speaks of China."""
    written = yaml.safe_load((PROJECT_ROOT / "playbooks" / "travel.yaml").read_text())["items"]
    own = {one["id"]: one["when"].get("destination", []) for one in written}
    named = [
        (item.id, country)
        for item in BOOKS.travel.items
        for country, pattern in COUNTRIES.items()
        if item.owner == "patient" and own[item.id] != [country] and re.search(pattern, item.title)
    ]
    assert named == []
