"""What an event may carry: every field has a form, and a word outside its list is refused."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from correspondence import load_danger
from correspondence.replies.english import ITEMS
from correspondence.replies.kinds import ReplyKind
from models.case import SITES, URGENCIES
from playbook_reader import PlaybookError, read
from settings import PROJECT_ROOT
from web.home_words import ANSWERS
from workflows.cases.red_flags import HEARD_BY, REPORTERS
from workflows.cases.reported_facts import ANY_TIME
from workflows.decisions import QUESTIONS
from workflows.event_forms import KINDS, FormError, compile_form
from workflows.events import Event, EventRefused, Vocabulary
from workflows.findings.decisions import OTHER, REJECTION_REASONS
from workflows.portal.acts import SIGNS
from workflows.process import Process

PLAYBOOKS = PROJECT_ROOT / "playbooks"
FILE = PLAYBOOKS / "vocabularies" / "events.yaml"
VOCABULARY = Vocabulary.load(FILE)
FORMS = [
    (event, name, form)
    for event in VOCABULARY.names()
    for name, form in VOCABULARY.fields(event).items()
    if name != "attested"
]
LISTS = [(event, name, form) for event, name, form in FORMS if form.words]
CLOSED = [(event, name, form) for event, name, form in FORMS if form.closed]


def refused(event: str, name: str, value: object) -> str:
    with pytest.raises(EventRefused) as refusal:
        VOCABULARY.check(Event(event, {name: value}))
    return str(refusal.value)


@pytest.mark.parametrize(
    ("written", "good", "bad"),
    [
        ("id", [0, 7], [-1, True, "7", 1.0]),
        ("int", [-3, 0], [True, 1.5, "1"]),
        ("num", [1, 1.5], [float("nan"), float("inf"), "1", False]),
        ("bool", [True, False], ["yes", 1, 0]),
        ("date", ["2027-03-12"], ["2027-13-12", "20270312", "12.03.2027", "2027-03-12T00:00", 5]),
        ("ts", ["2027-03-12T09:30:00+00:00", "2027-03-12T09:30:00.123456+05:30"],
         ["2027-03-12T09:30:00", "2027-03-12", "soon"]),
        ("ISO2", ["IN", "NO"], ["in", "IND", "Norway", False, "I N"]),
        ("ISO4217", ["USD"], ["usd", "US"]),
        ("BCP47", ["en", "zh-Hans", "pt-BR", "es-419"], ["Grace", "english", "EN", "en_GB", ""]),
        ("hash", ["ab12ab12", "a" * 64], ["Grace", "abc", "A" * 16, "g" * 16]),
        ("hospital", ["H01", "H1234"], ["H1", "Sahyadri", "H01 "]),
        ("case_ref", ["CFX-27-00001"], ["CFX-27", "Grace"]),
        ("state", ["OUTREACH"], ["outreach", "AB"]),
        ("event", ["case.opened"], ["case", "Case.Opened"]),
        ("code", ["a_b", "breast.grade:changed", "application/pdf", ""], ["a b", "Ä", "x" * 121]),
        ("esign|paper", ["esign"], ["esig", "ESIGN", "esign|paper", "", "esign\n", 1, ["esign"]]),
        ("=first", ["first"], ["=first", "second"]),
        ("process|share_deid:<hospital>", ["process", "share_deid:H01"],
         ["share_deid", "share_deid:Grace", "share_deid:<hospital>", "process:H01"]),
        (["id"], [[], [1, 2], (3,)], [[None], ["1"], 1, "12", {1: 1}]),
        (["esign|paper"], [["paper", "esign"]], [["paper", "Grace"], "paper"]),
        ({"hospital": ["code"]}, [{}, {"H01": ["site"]}], [{"Grace": []}, {"H01": "site"}, []]),
    ],
)  # fmt: skip
def test_a_form_takes_what_it_says_and_nothing_else(
    written: object, good: list[object], bad: list[object]
) -> None:
    form = compile_form(written, {})
    assert [value for value in good if not form.test(value)] == []
    assert [value for value in bad if form.test(value)] == []


@pytest.mark.parametrize(
    ("written", "reason", "mend"),
    [
        ("dat", "there is no form dat", "write =dat"),
        ("strings", "there is no form strings", "use one of: id, int"),
        ("a|b c", "`b c` is no word", "letters, digits"),
        ("a||b", "`` is no word", "letters"),
        ("a|a", "`a` stands twice", "remove"),
        ("a:<channel>|b", "`a:<channel>` is no word", "letters"),
        ([], "a list holds one form", "[form]"),
        (["id", "int"], "a list holds one form", "[form]"),
        ({}, "one pair of forms", "{form: form}"),
        (True, "True is no form", "quotes"),
        (None, "None is no form", "quotes"),
    ],
)
def test_a_form_outside_the_grammar_is_refused(written: object, reason: str, mend: str) -> None:
    with pytest.raises(FormError) as error:
        compile_form(written, {})
    assert reason in str(error.value) and mend in error.value.mend


@pytest.mark.parametrize(
    ("old", "new", "reason", "mend"),
    [
        ("method: esign|paper|recorded_call", "method: esignature", "there is no form esignature",
         "=esignature"),
        ("in_scope: bool", "in_scope: boolean", "there is no form boolean", "Write =boolean"),
        ("in_scope: bool", "in_scope: NO", "there is no form NO", "Write =NO"),
        ("in_scope: bool", "in_scope: false", "False is no form", "quotes"),
        ("in_scope: bool", "in_scope: bool, in_scope: bool", "`in_scope` stands twice", "Remove"),
        ("  consent.declined:   {", "  consent.granted:   {", "`consent.granted` stands twice",
         "Remove"),
        ("lists:", "lists:\n  id: a|b", "id is a kind of form", "another name"),
        ("lists:", "lists:\n  sort: a b|c", "`a b` is no word", "letters"),
        ("lists:", "colours: {}\nlists:", "Extra inputs", "spelling"),
        ("events:\n", "events:\n  weather.changed: {}\n", "weather.changed has no words",
         "`words`"),
        ('  case.resumed: "', '  case.taken_up: "', "there is no event case.taken_up", "correct"),
        ("words:\n", "words:\n  weather.changed: It rains\n", "there is no event weather.changed",
         "correct the name"),
        ("Reopened[: {reason}]", "Reopened[: {weather}]", "case.reopened has no field weather",
         "one of its fields: reason"),
        ("envelope:", "envelop:", "Field required", "Add it"),
    ],
)  # fmt: skip
def test_a_fault_in_the_vocabulary_is_refused_with_its_place_and_the_mend(
    tmp_path: Path, old: str, new: str, reason: str, mend: str
) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "events.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PlaybookError) as error:
        Vocabulary.load(tmp_path / "events.yaml")
    assert reason in str(error.value) and mend in str(error.value)
    line = text[: text.index(old)].count("\n") + 1
    assert error.value.file == "vocabularies/events.yaml" and error.value.column
    if "required" not in reason:
        assert error.value.line in (line, line + 1)


def test_a_word_outside_its_list_is_refused_with_the_list() -> None:
    assert refused("inquiry.triaged", "asked_for", "Kwokkanary") == (
        "inquiry.triaged: asked_for must be one of these codes: iort, second_opinion, "
        "other_treatment, information, other"
    )
    assert refused("consent.granted", "method", "N1234567Kwokkanary").endswith(
        "method must be one of these codes: esign, paper, recorded_call"
    )
    assert "in_scope, asked_for, red_flag" in refused("inquiry.triaged", "Kwokkanary", 1)


def test_nothing_and_not_stated_are_taken_everywhere() -> None:
    for event in VOCABULARY.names():
        VOCABULARY.check(Event(event))
        VOCABULARY.check(Event(event, dict.fromkeys(VOCABULARY.fields(event))))


NAMES = st.one_of(
    st.sampled_from(
        ["Grace", "Grace Wanjiru", "Kwokkanary", "Müller", "李", "Ina", "You", "Dina", "N1234567",
         "no-pain", "o'Brien", "1970-03-04x", "amina@example.org", "+254700000001"]
    ),
    st.from_regex(r"[A-Z][a-z]{2,12}", fullmatch=True),
    st.from_regex(r"[A-Z][a-z]{2,12}[ .-][A-Z][a-z]{2,12}", fullmatch=True),
    st.from_regex(r"[a-z]{4,14}", fullmatch=True),
    st.text(min_size=1, max_size=30),
)  # fmt: skip
"""Names and words as people type them."""


@given(NAMES)
def test_no_name_and_no_word_of_ones_own_passes_a_list(word: str) -> None:
    for event, name, form in LISTS:
        if word not in form.words:
            for value in (word, [word], {word: word}):
                assert refused(event, name, value) == f"{event}: {name} must be {form.said}"


@given(NAMES)
def test_only_what_is_formed_like_a_date_or_a_country_passes_a_kind(word: str) -> None:
    formed = re.fullmatch(r"[A-Z]{2,3}|[a-z]{2,3}|[0-9a-f]{8,64}|[A-Z_]{3,30}", word)
    assume(formed is None)
    for event, name, form in CLOSED:
        if word not in form.words:
            assert not form.test(word), (event, name)
            assert not form.test([word]), (event, name)
            assert not form.test({word: True}), (event, name)


def typed_names() -> set[str]:
    """Return the names of the values that answers take from a person."""
    from models import Case

    names: set[str] = set()
    for question in QUESTIONS.values():
        for state in ["INQUIRY", *Process.load(PLAYBOOKS).machine.waiting_on]:
            for choice in question.choices(Case(ref="x", state=state, stage="x")).values():
                names |= {*choice.needs, *choice.may}
    return names


def test_what_a_person_types_has_a_closed_form_wherever_it_is_recorded() -> None:
    """A value of an answer is recorded under its name; two names are of what the program writes.

    `code`, and `evidence`: what somebody types as evidence stands in the directory, in no event.
    """
    typed = typed_names() - {"code", "evidence"}
    assert {"asked_for", "method", "reason_code", "items", "defects", "technique"} <= typed
    assert [(e, n) for e, n, form in FORMS if n in typed and not form.closed] == []
    at_any_time = [(e, n) for e, n, form in FORMS if e in ANY_TIME and not form.closed]
    assert at_any_time == []
    assert VOCABULARY.fields("clinician.urgent_local_care_advised")["reason"].closed


def words(event: str, name: str) -> set[str]:
    return set(VOCABULARY.fields(event)[name].words)


def test_the_lists_hold_the_codes_that_the_program_knows() -> None:
    from correspondence.directory import Technique
    from workflows.portal.consents import FOR_A_HOSPITAL, GENERAL
    from workflows.stages import StateMachine

    machine = StateMachine.load(PLAYBOOKS / "state_machine.yaml")
    items = set(read(PLAYBOOKS / "completeness.yaml").data["items"])
    assert words("case.opened", "cancer_site") == set(SITES)
    assert words("case.opened", "urgency") == set(URGENCIES)
    assert words("case.state_changed", "waiting_on") >= set(machine.waiting_on.values())
    assert words("more_info.answered", "items") == items | set(ITEMS) | {"other"}
    assert words("hospital.reply_classified", "reply_class") >= set(get_args(ReplyKind))
    assert words("patient.accepted_offer", "technique") == set(get_args(Technique))
    assert words("extraction.field_rejected", "reason") == {*REJECTION_REASONS, OTHER}
    read_as = set(load_danger(PLAYBOOKS / "danger.yaml").signs)
    assert words("clinical.red_flag_reported", "symptom_codes") == {*SIGNS, *read_as}
    assert words("clinical.red_flag_reported", "reported_by") >= set(REPORTERS)
    assert words("clinical.red_flag_reported", "channel") >= set(HEARD_BY)
    assert words("reminder.answered", "answer_code") >= set().union(*ANSWERS.values())
    scopes = words("consent.granted", "scopes")
    assert {"process", *GENERAL, *(f"{scope}:<hospital>" for scope in FOR_A_HOSPITAL)} <= scopes


def conditions() -> Iterator[tuple[str, str, object]]:
    process = Process.load(PLAYBOOKS)
    for event, actions in process.on_event.items():
        for action in actions:
            for name, value in action.when.items():
                for one in value if isinstance(value, tuple) else (value,):
                    yield event, name, one


@pytest.mark.parametrize(("event", "name", "value"), list(conditions()))
def test_the_table_asks_only_for_what_an_event_can_say(
    event: str, name: str, value: object
) -> None:
    VOCABULARY.check(Event(event, {name: value}))


def test_every_kind_says_what_it_must_be() -> None:
    assert all(form.said and not form.words for form in KINDS.values())
    assert [kind for kind, form in KINDS.items() if not form.closed] == ["code"]
