"""What a simulated life is made of: acts in words that stay true when other acts are left out.

An act names no id: "the oldest open question of that kind", "the second paper of the case". So a
story that failed can be told again with fewer acts, in a database of its own.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Said = tuple[tuple[str, str], ...]
"""Names and values, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something: `does` is a function of `doing.py`, `said` what it is given.

    `then` is another act that happens at the same moment, or in the middle of this one's work.
    """

    does: str
    said: Said = ()
    then: "Act | None" = None

    def get(self, name: str, default: str = "") -> str:
        """Return what was said under a name."""
        return dict(self.said).get(name, default)

    @property
    def values(self) -> dict[str, str]:
        """Return the values of an answer: what stands under `set:`."""
        return {
            name.removeprefix("set:"): value for name, value in self.said if name.startswith("set:")
        }

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value!r}"[:120] for name, value in self.said)
        then = f", and with it [{self.then}]" if self.then else ""
        return f"{self.does}({said}){then}"


def act(does: str, then: Act | None = None, /, **said: str) -> Act:
    """Return an act; a value under `set_x` stands under `set:x`."""
    named = ((_name(name), value) for name, value in said.items())
    return Act(does, tuple(named), then)


def _name(name: str) -> str:
    return f"set:{name.removeprefix('set_')}" if name.startswith("set_") else name


def setting(values: Mapping[str, str]) -> Said:
    """Return the values of an answer as what an act says."""
    return tuple((f"set:{name}", value) for name, value in values.items())


@dataclass(frozen=True, slots=True)
class Round:
    """The clock moves, people act one after the other, then the workers do what is due.

    `acts` are (number of the life, act). Without `work` what became due waits for the next round.
    `order` says in which order the workers look at the kinds of steps.
    """

    minutes: int = 0
    acts: tuple[tuple[int, Act], ...] = ()
    work: bool = True
    order: int = 0

    def of(self, lives: frozenset[int]) -> "Round":
        """Return the round without the acts of other lives."""
        return replace(self, acts=tuple(one for one in self.acts if one[0] in lives))


@dataclass(frozen=True, slots=True)
class Story:
    """What happened in one house. Told twice it ends alike."""

    rounds: tuple[Round, ...] = ()

    def of(self, *lives: int) -> "Story":
        """Return the story of some lives, as if they had been alone."""
        kept = frozenset(lives)
        return Story(tuple(one.of(kept) for one in self.rounds))

    @property
    def lives(self) -> tuple[int, ...]:
        """Return the numbers of those who do anything in it."""
        return tuple(dict.fromkeys(life for one in self.rounds for life, _ in one.acts))

    @property
    def acts(self) -> int:
        """Return how many acts it has."""
        return sum(len(one.acts) for one in self.rounds)

    def words(self) -> Iterator[str]:
        """Yield it line by line, for a person who makes a test of it."""
        several = len(self.lives) > 1
        for one in self.rounds:
            if one.minutes:
                yield f"{_span(one.minutes)} later:"
            for life, done in one.acts:
                yield f"  {f'life {life}: ' if several else ''}{done}"
            if one.acts and not one.work:
                yield "  (the workers are away)"

    def digest(self) -> str:
        """Return the same text for the same story."""
        return hashlib.sha256(to_json(self).encode()).hexdigest()[:16]


def _span(minutes: int) -> str:
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [
        f"{count} {word}" for count, word in ((days, "d"), (hours, "h"), (left, "min")) if count
    ]
    return " ".join(parts)


@dataclass
class Telling:
    """A story while it is being made."""

    rounds: list[Round] = field(default_factory=list)

    @property
    def story(self) -> Story:
        """Return what was told so far."""
        return Story(tuple(self.rounds))


def to_json(story: Story) -> str:
    """Return a story as text that `from_json` reads."""
    rounds = [
        {
            "minutes": one.minutes,
            "work": one.work,
            "order": one.order,
            "acts": [[life, _plain(done)] for life, done in one.acts],
        }
        for one in story.rounds
    ]
    return json.dumps(rounds, ensure_ascii=True)


def from_json(text: str) -> Story:
    """Return the story that a text holds."""
    return Story(
        tuple(
            Round(
                one["minutes"],
                tuple((life, _act(done)) for life, done in one["acts"]),
                one["work"],
                one["order"],
            )
            for one in json.loads(text)
        )
    )


def _plain(done: Act) -> dict[str, Any]:
    said = [list(pair) for pair in done.said]
    return {"does": done.does, "said": said} | ({"then": _plain(done.then)} if done.then else {})


def _act(plain: Mapping[str, Any]) -> Act:
    said: Sequence[Sequence[str]] = plain["said"]
    then = _act(plain["then"]) if "then" in plain else None
    return Act(plain["does"], tuple((name, value) for name, value in said), then)
