"""What still hangs on each key of the ring: sealed values, links in letters, answers to them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from accounts.sessions import real_now
from keys import Ring, key_id_of
from keys.ring import LEGACY, Key
from models import Case, DataKey, Message, PortalDraft
from models.database import transaction
from workflows.engine.world import World
from workflows.keyring.sealed import COLUMNS, PURPOSES

ANSWERED_WITHIN = timedelta(days=400)
"""Answers to older letters are known by the letter they name, or by their sender, or by nobody."""
JUST_WRAPPED = timedelta(hours=1)
"""Longer than any transaction lasts in which a key of data is made."""
JUST_MADE = timedelta(days=5)
"""Forms, uploads and sign-ins that are under way, and reports of mail servers, end within it."""
_MARGIN = timedelta(days=1)
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
_LEFT = ("queued", "sending", "sent", "uncertain")


@dataclass(frozen=True, slots=True)
class Hanging:
    """So many things of a kind need a key; `until` when that ends by itself, where it does."""

    what: str
    count: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key by its id: it `signs` or `wraps` keys of data, `waits` to do either, only `opens`, or
    is `missing` from the ring.
    """

    id: str
    state: str
    since: datetime | None
    hangs: Sequence[Hanging]


def key_states(world: World) -> list[KeyState]:
    """Return every key of the ring, and those that are needed and not on it."""
    ring, now = world.keys.ring, real_now()
    with transaction(world.engine) as session:
        sealed = sealed_by_key(session)
        found = [
            KeyState(
                key.id, _state(ring, key), key.since, _hanging(world, session, key, sealed, now)
            )
            for key in ring
        ]
    missing = sorted({key_id for key_id, _ in sealed} - {key.id for key in ring})
    found += [KeyState(one, "missing", None, _of_sealed(one, sealed)) for one in missing]
    return found


def sealed_by_key(session: Session) -> Mapping[tuple[str, str], int]:
    """Return how many sealed values of each kind each key holds: {(key id, kind): count}."""
    found: Counter[tuple[str, str]] = Counter()
    for column in COLUMNS:
        found.update((key_id_of(value), column.what) for value in column.values(session))
    waiting = select(func.count()).where(
        col(DataKey.wrapped).is_(None),
        col(DataKey.destroyed_at).is_(None),
        col(DataKey.owner) == "house",
    )
    if count := session.scalar(waiting):
        found[LEGACY, "keys of data"] += count
    return found


def left_over(ring: Ring, sealed: Mapping[tuple[str, str], int]) -> int:
    """Return how many values are sealed with another key than the one that would seal them now."""
    return sum(
        count for (key_id, what), count in sealed.items() if key_id != ring.maker(PURPOSES[what]).id
    )


def _state(ring: Ring, key: Key) -> str:
    if key is ring.signing:
        return "signs"
    if key is ring.wrapping:
        return "wraps"
    return "waits" if key.waits else "opens"


def _hanging(
    world: World, session: Session, key: Key, sealed: Mapping[tuple[str, str], int], now: datetime
) -> list[Hanging]:
    ring = world.keys.ring
    found = _of_sealed(key.id, sealed)
    if key.waits and key is not ring.signing:
        return found
    if key.wraps:
        until = (ring.wrapping.since or now) + JUST_WRAPPED
        if key is not ring.wrapping and until > now:
            found.append(Hanging("keys of data that are just being made", 1, until))
        return found
    begun, ended = _signed(ring, key, now)
    found += _drafts(session, key, now)
    made = (
        col(Message.direction) == "out",
        col(Message.state).in_(_LEFT),
        col(Message.created_at) <= ended + _MARGIN,
        func.coalesce(col(Message.sent_at), now) >= begun - _MARGIN,
    )
    found += _links(world, session, made, now)
    found += _answers(session, made, now)
    if ended + JUST_MADE > now:
        found.append(Hanging("pages and sign-ins under way", 1, ended + JUST_MADE))
    return found


def _of_sealed(key_id: str, sealed: Mapping[tuple[str, str], int]) -> list[Hanging]:
    return [Hanging(what, count) for (one, what), count in sealed.items() if one == key_id]


def _signed(ring: Ring, key: Key, now: datetime) -> tuple[datetime, datetime]:
    """Return from when until when things were signed with a key; until now for the signing one."""
    begun = key.since or _BEGINNING
    before = [one for one in ring.keys[: ring.keys.index(key)] if not one.wraps]
    later = [one.since for one in before if one.since is not None and one.since >= begun]
    return begun, min(later, default=now)


def _drafts(session: Session, key: Key, now: datetime) -> list[Hanging]:
    """Inquiries that are being written: their links carry the key in their seed."""
    seed = col(PortalDraft.seed)
    mine: ColumnElement[bool] = seed.like(f"{key.id}.%")
    if key.id == LEGACY:
        mine = mine | seed.not_like("%.%")
    count, last = session.execute(
        select(func.count(), func.max(col(PortalDraft.expires_at))).where(
            mine, col(PortalDraft.expires_at) > now, seed != ""
        )
    ).one()
    return [Hanging("inquiries being written", count, last)] if count else []


def _links(
    world: World, session: Session, made: Sequence[ColumnElement[bool]], now: datetime
) -> list[Hanging]:
    """Letters to families whose link still opens the page."""
    lives = timedelta(days=world.settings.portal_link_days)
    count, last = session.execute(
        select(func.count(), func.max(col(Message.created_at)))
        .select_from(Message)
        .join(Case, col(Case.id) == col(Message.case_id))
        .where(
            *made,
            col(Message.to_role) == "patient",
            col(Message.created_at) > now - lives,
            col(Case.erased_at).is_(None),
        )
    ).one()
    return [Hanging("letters with links", count, last + lives)] if count else []


def _answers(session: Session, made: Sequence[ColumnElement[bool]], now: datetime) -> list[Hanging]:
    """Letters of open cases to which an answer may come: its address carries the key's proof."""
    count, last = session.execute(
        select(func.count(), func.max(col(Message.created_at)))
        .select_from(Message)
        .join(Case, col(Case.id) == col(Message.case_id))
        .where(
            *made, col(Message.created_at) > now - ANSWERED_WITHIN, col(Case.closed_at).is_(None)
        )
    ).one()
    return [Hanging("letters that may be answered", count, last + ANSWERED_WITHIN)] if count else []
