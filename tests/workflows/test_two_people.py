"""Where two people are required, one person written in two ways is one."""

from typing import NoReturn

import pytest

from accounts.people import is_somebody, person_key, same_person, says_something
from models.base import require_id
from tests.workflows.acts import to_clinician, to_surgery
from tests.workflows.playing import Play
from tests.workflows.screening.test_signatures import kinds, sign_as, signed
from tests.workflows.test_chain import play
from tests.workflows.test_endings import REPORTER, answer_as, died
from workflows.decisions import DecisionRefused, decide
from workflows.events import Actor
from workflows.guards import Facts, holds

__all__ = ["play"]

WAYS = {
    "a space behind": "{} ",
    "a space before": " {}",
    "an unseen sign": "{}\u200b",
    "a line's end": "{}\n",
    "a mark of direction": "\u2066{}\u2069",
    "a hard space": "{}\u00a0",
    "a mark that is never drawn": "{}\ufe0f",
    "a letter that is never drawn": "{}\u3164",
    "a blank pattern": "{}\u2800",
    "a joiner of marks": "{}\u034f",
}


@pytest.mark.parametrize("way", WAYS)
def test_one_person_written_otherwise_is_the_same_person(way: str) -> None:
    for ref in ("A", "U-1a2b", "cli:anna", "test:coordinator"):
        assert same_person(ref, WAYS[way].format(ref))
        assert not same_person(ref, WAYS[way].format(ref + "x"))


@pytest.mark.parametrize(
    ("one", "other"),
    [("A", "a"), ("Ａ1", "A1"), ("U-1", "u-1"), ("ﬁ", "fi"), ("", " "), ("", None)],
)
def test_capitals_width_and_nothing_make_no_second_person(one: str, other: str | None) -> None:
    assert same_person(one, other)


@pytest.mark.parametrize(
    "other", ["İSMAİL", "ISMAIL", "ısmaıl", "ismail", "I\u0307smail", "İsmaıl"]
)
def test_a_dot_on_an_i_makes_no_second_person(other: str) -> None:
    assert same_person("ismail", other)
    assert not same_person("ismael", other)


def test_nobody_is_somebody_without_a_letter_or_a_digit() -> None:
    assert [ref for ref in ("", " ", ".", "--", "\u200b", "…") if is_somebody(ref)] == []
    assert all(is_somebody(ref) for ref in ("U-1", "cli:a", "李", "7"))


@pytest.mark.parametrize(
    "text", ["", " ", ".", "..", "-", "?!", "1", "12", "x", "x.", "\u200b", "…"]
)
def test_what_says_nothing_is_no_reason_and_no_name(text: str) -> None:
    assert not says_something(text)


@pytest.mark.parametrize("text", ["ok", "no", "Li", "李", "错", "نعم", "Dr. A", "N° 2 b"])
def test_short_words_of_any_script_say_something(text: str) -> None:
    assert says_something(text)


@pytest.mark.parametrize("ref", ["D1", "d1 ", "d1\u200b"])
def test_a_second_opinion_is_of_another_clinician(play: Play, ref: str) -> None:
    to_clinician(play)
    sign_as("d1", play, "review_case", "second_opinion", "rare type", outcome="needs_data")
    with pytest.raises(DecisionRefused, match="another clinician"):
        sign_as(ref, play, "second_opinion", "needs_data", "board")
    with pytest.raises(DecisionRefused, match="another clinician"):
        sign_as("d2", play, "second_opinion", "needs_data", "board", signer_registration="ex - D1")
    assert len(signed(play)) == 1 and "second_opinion" in kinds(play)
    sign_as("d2", play, "second_opinion", "needs_data", "board")
    assert len(signed(play)) == 2


def test_the_report_of_a_death_is_not_taken_back_by_who_made_it(play: Play) -> None:
    to_clinician(play)
    died(play)
    for way in WAYS.values():
        again = Actor(REPORTER.type, way.format(REPORTER.ref))
        with pytest.raises(DecisionRefused, match="another lead"):
            answer_as(play, "finish_bereavement", "retracted", again)
    assert play.case.state == "BEREAVEMENT_WRAPUP"


def test_a_word_is_not_confirmed_by_who_gave_it_and_by_nobody(play: Play) -> None:
    to_surgery(play)
    play.move(4)
    play.answer("report_progress", "discharged", discharge_date="2027-02-13")
    play.answer("report_progress", "ask_second", "seen in a call")
    (task,) = [task for task in play.tasks() if task.kind == "confirm_word"]

    def confirm(ref: str, reason: str = "seen in the original") -> NoReturn:
        who = Actor("lead", ref)
        decide(play.world, require_id(task.id), answer="confirmed", actor=who, reason=reason)
        raise AssertionError("it was confirmed")

    for way in WAYS.values():
        with pytest.raises(DecisionRefused, match="you stated it yourself"):
            confirm(way.format("test:coordinator").upper())
    for ref in ("", " ", "\u200b", "."):
        with pytest.raises(DecisionRefused, match="Nobody says who"):
            confirm(ref)
    for reason in (".", "-", "1", " "):
        with pytest.raises(DecisionRefused, match="needs a reason"):
            confirm("another", reason)


@pytest.mark.parametrize(
    ("refs", "two"),
    [
        (["c1", "d1"], True),
        (["c1", "c1"], False),
        (["c1", "C1 "], False),
        (["c1", ""], False),
        (["c1", " "], False),
        (["c1"], False),
        ([], False),
    ],
)
def test_two_signatures_are_of_two_people(refs: list[str], two: bool) -> None:
    def unasked() -> NoReturn:
        raise AssertionError

    assert holds("two_signatures", Facts({"waived_by": refs}, unasked)) is two


def test_a_key_keeps_what_tells_people_apart() -> None:
    refs = ["U-1", "U-2", "cli:anna", "cli:ann", "d1", "d11"]
    assert len({person_key(ref) for ref in refs}) == len(refs)
