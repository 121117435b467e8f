"""A story that fails is told again with fewer acts, as long as the same promise is broken."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.simulation.acts import Round, Story
from tests.simulation.checks import Wrong

Fails = Callable[[Story], Wrong | None]
"""Tells a story in an empty house; returns what was wrong, None when nothing was."""


def shrink(story: Story, what: str, fails: Fails, most: int = 150) -> Story:
    """Return the shortest story found that still breaks `what`; at most `most` are told."""
    budget = iter(range(most))

    def still(one: Story) -> bool:
        if next(budget, None) is None:
            return False
        wrong = fails(one)
        return wrong is not None and wrong.what == what

    smaller = _cut_tail(story)
    size = max(1, smaller.acts // 2)
    while size:
        for shorter in _without(smaller, size):
            if still(shorter):
                smaller = shorter
                break
        else:
            size //= 2
    for calmer in _calmer(smaller):
        candidate = calmer(smaller)
        if candidate != smaller and still(candidate):
            smaller = candidate
    return _tidy(smaller)


def _cut_tail(story: Story) -> Story:
    return _tidy(story)


def _without(story: Story, size: int) -> Iterator[Story]:
    """Yield the story without `size` acts that follow each other, the last ones first."""
    places = [
        (number, at) for number, one in enumerate(story.rounds) for at in range(len(one.acts))
    ]
    for start in range(len(places) - size, -1, -size):
        left_out = set(places[max(start, 0) : start + size])
        if (0, 0) in left_out and len(places) > 1:
            continue  # without the inquiry nothing happens
        yield Story(
            tuple(
                replace(
                    one,
                    acts=tuple(a for at, a in enumerate(one.acts) if (number, at) not in left_out),
                )
                for number, one in enumerate(story.rounds)
            )
        )


def _calmer(story: Story) -> Iterator[Callable[[Story], Story]]:
    """Yield ways to make a story plainer: in one round no time passes, and the workers work."""
    for number in range(len(story.rounds)):

        def still_clock(one: Story, number: int = number) -> Story:
            rounds = list(one.rounds)
            if number < len(rounds):
                rounds[number] = replace(rounds[number], minutes=0, work=True)
            return Story(tuple(rounds))

        yield still_clock


def _tidy(story: Story) -> Story:
    """Join what no act stands between: the times add up."""
    rounds: list[Round] = []
    for one in story.rounds:
        before = rounds[-1] if rounds else None
        if before is not None and not before.acts and not before.minutes and not one.minutes:
            rounds[-1] = one
        else:
            rounds.append(one)
    while rounds and not rounds[-1].acts and not rounds[-1].minutes:
        rounds.pop()
    return Story(tuple(rounds))
