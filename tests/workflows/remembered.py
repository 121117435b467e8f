"""Stages that many tests begin at: played once a run, then put back as they were left.

The same stage in another world (other settings, rules, hospitals, another hour) is another one. A
test that watches the way to a stage, not what follows from it, plays it: `to_clinician.played`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, update_wrapper
from typing import TYPE_CHECKING, Any

import boto3
from sqlalchemy import select

from adapters.clock import FixedClock
from keys.ring_file import RingSource
from models import DeskLink, Message
from models.database import transaction
from models.key_store import KeyStore, attach
from settings import PROJECT_ROOT
from tests.fixtures.databases import connected
from tests.fixtures.kept import Kept, keep, put_back
from tests.fixtures.reading import RememberingReader
from tests.fixtures.run import leave, taken
from tests.workflows.screening.sets import SHARED
from workflows.engine.playbooks import Playbooks, playbooks_of
from workflows.engine.world import World

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

    from tests.workflows.playing import Play

_OF_A_TEST = {
    "database_url", "database_analyst_url", "broker_url", "s3_bucket", "mail_from", "smtp_user",
    "imap_user",
}  # fmt: skip
"""Settings that differ between tests and workers, and decide nothing."""
_OF_A_WORLD = {
    "settings", "engine", "clock", "time", "doorbell", "playbooks", "process", "bucket", "storage",
    "object_keys", "keys", "reader", "scan", "mail_out", "cache", "criteria_archive", "pictures",
    "sandbox", "names", "traces", "_places", "parts_cache", "rows_cache",
}  # fmt: skip
"""What a world may have of its own; `_MADE_ANEW` forgets what it has read."""
_MADE_ANEW = (
    "storage", "object_keys", "keys", "cache", "parts_cache", "rows_cache", "criteria_archive"
)  # fmt: skip
_THAT_DECIDE = {"doorbell", "time", "bucket", "scan", "mail_out", "names"}
"""Parts of a world by whose kind a stage is another one."""

Key = tuple[object, ...]


@dataclass(frozen=True)
class Left:
    """What a stage leaves: rows and objects, and what those who played it know."""

    kept: Kept
    case_id: int
    answered: tuple[str, ...]
    hour: datetime
    letters: tuple[bytes, ...]
    archived: frozenset[str]
    """Hashes of the criteria that the world has stored and does not store again."""

    @classmethod
    def of(cls, play: "Play") -> "Left":
        """Return what a play has come to."""
        world = play.world
        return cls(
            _kept(world),
            play.case_id,
            tuple(play.answered),
            play.clock.now(),
            tuple(play.mail.left),
            frozenset(world.criteria_archive._kept),
        )

    def put_back(self, play: "Play") -> None:
        """Let a play that has not begun be there."""
        world = play.world
        _put_back(world, self.kept)
        world.criteria_archive._kept.update(self.archived)
        play.case_id, play.answered = self.case_id, list(self.answered)
        old, new = self.kept.address.encode(), world.settings.mail_from.encode()
        play.mail.left[:] = [one.replace(old, new) for one in self.letters]
        _readdress(world, self.kept.address)
        play.clock.move(self.hour)


_KNOWN: dict[str, Left] = {}
"""What this worker has played, or taken from another worker of the run."""


class Remembered:
    """A stage that is played by the first test of a run which begins at it."""

    def __init__(self, stage: Callable[..., None]) -> None:
        update_wrapper(self, stage)
        self.played = stage

    def __call__(self, play: "Play", *args: Any, **kwargs: Any) -> None:
        """Bring the case to the stage."""
        if play.case_id or not _is_plain(play.world):
            self.played(play, *args, **kwargs)
            return
        before = _kept(play.world)
        given = repr((args, sorted(kwargs.items())))
        start = (self.played.__qualname__, given, *_start(play, before))
        key = hashlib.sha256(repr(start).encode()).hexdigest()
        known: Left | None = _KNOWN.get(key) or taken("stages", key)
        if known is None:
            self.played(play, *args, **kwargs)
            _KNOWN[key] = known = Left.of(play)
            leave("stages", key, known)
            return
        _KNOWN[key] = known
        known.put_back(play)


def _is_plain(world: World) -> bool:
    """Say whether nothing of the world was replaced that could make the stage another one."""
    return (
        type(world.reader) is RememberingReader
        and type(world.clock) is FixedClock
        and set(vars(world)) <= _OF_A_WORLD
    )


def _start(play: "Play", before: Kept) -> Key:
    world = play.world
    settings = world.settings.model_dump(exclude=_OF_A_TEST)
    parts = {
        name: type(part).__qualname__ for name, part in vars(world).items() if name in _THAT_DECIDE
    }
    parts["playbooks"] = _books(world.playbooks)
    return (repr(settings), repr(sorted(parts.items())), play.clock.now(), before.digest())


def _books(books: Playbooks) -> str:
    """Say which playbooks are in use: a test's own criteria by what was loaded of them."""
    house = playbooks_of(PROJECT_ROOT / "playbooks")
    shared = all(getattr(books, part) is getattr(house, part) for part in SHARED)
    return books._keeper()._seen if shared else str(books.folder)


def _kept(world: World) -> Kept:
    own = world.settings
    with connected(world.engine.url) as connection:
        return keep(connection, _client(world), world.object_keys, own.s3_bucket, own.mail_from)


def _put_back(world: World, kept: Kept) -> None:
    own = world.settings
    with connected(world.engine.url) as connection:
        put_back(kept, connection, _client(world), own.s3_bucket, own.mail_from)
    # The keys are those of the rows that were put back.
    attach(world.engine, KeyStore(RingSource(own), lambda: transaction(world.engine)))
    for name in _MADE_ANEW:
        vars(world).pop(name, None)


def _readdress(world: World, old: str) -> None:
    """Give sealed letters this test's address: what is sealed is not found among the bytes."""
    new = world.settings.mail_from
    if new == old:
        return
    with transaction(world.engine) as session:
        for letter in session.scalars(select(Message)):
            for name in ("address", "subject", "body"):
                words = getattr(letter, name)
                if words and old in words:
                    setattr(letter, name, words.replace(old, new))
        for link in session.scalars(select(DeskLink)):
            link.address = link.address.replace(old, new)


def _client(world: World) -> "S3Client":
    settings = world.settings
    secret = settings.s3_secret_key.get_secret_value()
    return _client_of(settings.s3_endpoint_url, settings.s3_region, settings.s3_access_key, secret)


@cache
def _client_of(endpoint: str | None, region: str, access: str | None, secret: str) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=access,
        aws_secret_access_key=secret,
    )
