"""What a step or an answer says of itself: which facts, requests and letters may come of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Raises:
    """What a step or an answer may raise: events by type, requests of ON_REQUEST by name, letters by code."""  # noqa: E501

    events: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()


NOTHING = Raises()
