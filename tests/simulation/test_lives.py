"""Short lives in every run of the tests: the same seeds each time, others by `SIMULATION_SEED`.

The long run: `python -m tests.simulation --lives 1000 --seed 7`.
"""

import os

import pytest

from tests.fixtures.databases import WorkerDatabase
from tests.simulation.acts import Round, Story, act, from_json, to_json
from tests.simulation.breaking import BREAKS, broken
from tests.simulation.ground import Ground
from tests.simulation.house import House
from tests.simulation.living import live
from tests.simulation.telling import fails_on, retold

SEEDS = tuple(os.environ.get("SIMULATION_SEED", "short.1 short.2 short.3").split())
LIVES, ROUNDS = 10, 18
TIMELINE = """
SELECT case_id, seq, type, occurred_at, actor_type, actor_ref, objects, payload FROM case_event
 ORDER BY case_id, seq
"""
"""All but the ids and moments that are drawn by the machine."""


@pytest.fixture
def ground(worker_database: WorkerDatabase) -> Ground:
    return Ground(worker_database)


def looks(house: House) -> list[str]:
    """Return what a house left: its timelines, and the letters that the mail server took."""
    rows = [str(tuple(row)) for row in house.rows(TIMELINE)]
    return rows + [f"{one.to} {one.text}" for one in house.post.taken]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_promise_is_broken_in_these_lives(ground: Ground, seed: str) -> None:
    print(f"seed {seed}: python -m tests.simulation --seed {seed.rpartition('.')[0]}")
    with ground.house() as house:
        lived = live(house, seed, LIVES, ROUNDS)
    told = [
        f"seed {seed}, life {one.life}: {one.wrong}\n" + "\n".join(one.story.of(one.life).words())
        for one in lived.found
    ]
    assert not told, "\n\n".join(told)
    assert lived.acts > 5 * LIVES
    assert lived.looks > lived.acts  # after each act and each step


def test_a_story_that_is_told_again_ends_alike(ground: Ground) -> None:
    with ground.house() as house:
        lived = live(house, "again", 4, 14)
        story, left = lived.story, looks(house)
    assert from_json(to_json(story)) == story
    with ground.house() as house:
        house.tell(story)
        assert looks(house) == left
    with ground.house() as house:
        assert live(house, "again", 4, 14).story == story


@pytest.mark.parametrize("how", sorted(BREAKS))
def test_a_broken_engine_is_found(ground: Ground, how: str) -> None:
    with broken(how), ground.house() as house:
        lived = live(house, "bite.0", 6, 22)
    assert lived.found, f"nobody noticed that the engine {how}"


def test_what_failed_is_told_in_few_acts(ground: Ground) -> None:
    with broken("loses a wait"):
        with ground.house() as house:
            found = live(house, "bite.0", 3, 9).found
        shorter = retold(ground, found[0])
        assert shorter.acts <= 3 < found[0].story.acts
        wrong = fails_on(ground, shorter)
        assert wrong is not None and wrong.what == found[0].wrong.what
    assert fails_on(ground, shorter) is None


def test_an_act_without_its_beginning_does_nothing(ground: Ground) -> None:
    lonely = Round(acts=((1, act("answer", kind="record_consent", answer="granted")),))
    assert fails_on(ground, Story((lonely,))) is None


def test_what_a_hold_kept_from_being_looked_at_is_looked_at_after_it(ground: Ground) -> None:
    """The workers are away while the case moves on, is put on hold, and is worked only then."""
    consent = {"set:signed_by": "patient", "set:method": "paper"}
    asked = (
        act("open", papers="biopsy", site="breast"),
        act("answer", kind="review_findings", answer="confirm", seen="values"),
        act("answer", kind="triage_inquiry", answer="in_scope", **{"set:site": "breast"}),
        act("answer", kind="record_consent", answer="granted", **consent),
        act("answer", kind="settle_completeness", answer="waive", reason="imaging is on its way"),
    )
    agreed = act(
        "answer", kind="countersign_waiver", answer="agree", reason="not yet", who="clinician:one"
    )
    held = act("fact", type="case.put_on_hold", role="lead", **{"set:reason": "family"})
    rounds = [Round(acts=((1, one),)) for one in asked]
    rounds += [Round(240, ((1, agreed),), work=False), Round(acts=((1, held),))]
    rounds += [Round(acts=((1, act("answer", kind="resume_case", answer="resume")),))]
    assert fails_on(ground, Story(tuple(rounds))) is None
