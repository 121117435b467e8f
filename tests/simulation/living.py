"""Houses full of lives: each round everybody acts once, then the workers work."""

import time
from dataclasses import dataclass, field
from random import Random

from tests.simulation.acts import Round, Story, Telling
from tests.simulation.checks import Wrong
from tests.simulation.coverage import Coverage
from tests.simulation.house import House
from tests.simulation.people import Person, Sees

SPANS = (
    (0, 0, 1, 5, 30, 60, 240, 600),
    (0, 5, 60, 240, 1440, 2880),
    (60, 600, 1440, 2880, 10080, 20160),
    (0, 60, 1440, 10080, 43200, 86400, 525600),
)
"""Minutes that may pass before a round, by the age of the house's lives."""
YOUNG, GROWN, OLD = 18, 36, 60
"""Rounds after which more time passes between two."""

_CASES = """
SELECT id, state, pathology_state, closed_at IS NOT NULL AS closed, erased_at IS NOT NULL AS erased
  FROM "case"
"""
_TASKS = """
SELECT id, case_id, kind, role, objects, coalesce(detail, '') AS detail FROM human_task
 WHERE state = 'open' AND case_id IS NOT NULL ORDER BY id
"""
_LAST = """
SELECT DISTINCT ON (case_id) case_id, kind FROM human_task
 WHERE state <> 'open' AND case_id IS NOT NULL ORDER BY case_id, id DESC
"""


@dataclass
class Found:
    """A promise that did not hold, and the story up to there."""

    wrong: Wrong
    story: Story
    life: int


@dataclass
class Lived:
    """What a house did. Times are seconds."""

    lives: int = 0
    acts: int = 0
    steps: int = 0
    looks: int = 0
    events: int = 0
    seconds: float = 0
    found: list[Found] = field(default_factory=list)
    story: Story = field(default_factory=Story)

    def add(self, other: "Lived") -> None:
        """Add what another house did."""
        for name in ("lives", "acts", "steps", "looks", "events", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.found += other.found

    def __str__(self) -> str:
        return (
            f"{self.lives} lives, {self.acts} acts, {self.steps} steps, {self.events} events, "
            f"{self.looks} looks, {len(self.found)} wrong, {self.seconds:.1f} s of CPU"
        )


def live(house: House, seed: str, lives: int, rounds: int, before: Coverage | None = None) -> Lived:
    """Let lives begin together and live for some rounds; stop at the first thing that is wrong.

    `before` is what other houses covered: the curious need not do it again.
    """
    began = time.process_time()
    own, earlier = house.checks.coverage.answers, (before or Coverage()).answers
    people = {
        number: Person(f"{seed}/{number}", lambda one: own[one] + earlier[one])
        for number in range(1, lives + 1)
    }
    chance, telling = Random(f"{seed}/clock"), Telling()
    lived = Lived(lives=lives)
    try:
        for number in range(rounds):
            known = len(house.found)
            telling.rounds.append(_next(house, people, chance, number))
            house.round(telling.rounds[-1])
            lived.found += [_found(house, wrong, telling.story) for wrong in house.found[known:]]
    except Wrong as wrong:
        lived.found.append(_found(house, wrong, telling.story))
    lived.story, lived.acts = telling.story, telling.story.acts
    lived.steps, lived.looks = house.steps, house.checks.looks
    lived.events = sum(house.checks.seen.values())
    lived.seconds = time.process_time() - began
    return lived


def _found(house: House, wrong: Wrong, story: Story) -> Found:
    life = house.of_case(wrong.case_id)
    return Found(wrong, story, life.number if life else 0)


def _next(house: House, people: dict[int, Person], chance: Random, number: int) -> Round:
    """Return the next round: what everybody does who still has a case."""
    age = sum(number >= mark for mark in (YOUNG, GROWN, OLD))
    minutes = chance.choice(SPANS[age]) if number else 0
    work, order = chance.random() < 0.9, chance.randrange(10**6)
    if number == 0:
        acts = [(life, person.opens()) for life, person in people.items()]
        return Round(minutes, tuple(acts), work, order)
    seen = see(house)
    acts = []
    for life, person in people.items():
        sees = seen.get(house.life(life).case_id)
        broken = house.life(life).case_id in house.checks.ignored
        if sees is None or broken or sees.erased or person.chance.random() < 0.1:
            continue
        if sees.closed and person.chance.random() < 0.5:
            continue
        acts.append((life, person.next(house.life(life), sees)))
    return Round(minutes, tuple(acts), work, order)


def see(house: House) -> dict[int, Sees]:
    """Return what the people of all lives see, by case."""
    found = {
        row.id: Sees(row.state, row.pathology_state, row.closed, row.erased, [])
        for row in house.rows(_CASES)
    }
    for row in house.rows(_TASKS):
        found[row.case_id].tasks.append(row)  # type: ignore[attr-defined]
    for row in house.rows(_LAST):
        found[row.case_id].last_kind = row.kind
    return found
