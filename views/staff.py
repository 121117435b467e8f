"""The people of the console as lists and cases name them: accounts by pseudonym."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.database import transaction
from workflows.cases.assignments import coordinators, staff_names
from workflows.engine.world import World


@dataclass(frozen=True, slots=True)
class Person:
    """An account that may look after cases."""

    ref: str
    user_name: str


@dataclass(frozen=True, slots=True)
class Staff:
    """The names of all accounts by pseudonym, and who may look after a case now."""

    names: Mapping[str, str]
    coordinators: Sequence[Person]


def staff_of(world: World) -> Staff:
    """Return the people of the console."""
    with transaction(world.engine) as session:
        return Staff(
            staff_names(session), [Person(one.ref, one.user_name) for one in coordinators(session)]
        )
