"""Turning the ring: a key is added, becomes the one that signs, and is retired at its end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from accounts.audit import note_alone
from accounts.sessions import real_now
from keys.ring import LEGACY, Key, new_key
from keys.ring_file import changing
from models.database import transaction
from workflows.engine.world import World
from workflows.events import Actor
from workflows.keyring.hanging import Hanging, KeyState, key_states, sealed_by_key
from workflows.keyring.sealed import reseal


class TurnRefused(ValueError):
    """It cannot be done so; the message says what to do."""


def add(world: World, actor: Actor, *, wraps: bool = False) -> str:
    """Add a key that waits: every process learns it before anything is made with it. Its id."""
    with _ring_file(world) as keys:
        key = new_key(_ids(world, keys), waits=True, wraps=wraps)
        keys.append(key)
    _note(world, actor, "keys.added", key.id)
    return key.id


def rotate(world: World, actor: Actor) -> str:
    """Let the key that waits sign from now on, or a new one; return its id. Nothing is lost: what
    was made with the others opens as before, and `reseal` brings over what is sealed.
    """
    with _ring_file(world) as keys:
        key = _next(world, keys, wraps=False)
        keys.insert(0, key)
    _note(world, actor, "keys.rotated", key.id)
    return key.id


def rewrap(world: World, actor: Actor) -> str:
    """Let the wrapping key that waits wrap the keys of data from now on, or a new one; its id.

    `reseal` brings over what the one before has wrapped; that one is destroyed by `retire`, and
    with it what old pages and logs of the database hold of keys that are gone.
    """
    with _ring_file(world) as keys:
        key = _next(world, keys, wraps=True)
        first = next((at for at, one in enumerate(keys) if one.wraps), len(keys))
        keys.insert(first, key)
    _note(world, actor, "keys.rewrapped", key.id)
    return key.id


def _next(world: World, keys: list[Key], *, wraps: bool) -> Key:
    """Take the key that waits off the ring, or make one; it is in use from now on."""
    waiting = next((key for key in keys if key.waits and key.wraps == wraps), None)
    if waiting is not None:
        keys.remove(waiting)
    key = waiting or new_key(_ids(world, keys), wraps=wraps)
    return replace(key, since=real_now().replace(microsecond=0), waits=False)


def retire(world: World, key_id: str, actor: Actor, *, force: bool = False) -> list[Hanging]:
    """Take a key off the ring that nothing living needs; what is sealed is brought over first.

    `force` takes it off all the same: returned is what is lost by it. Raises `TurnRefused`.
    """
    reseal(world)
    state = next((one for one in key_states(world) if one.id == key_id), None)
    if state is None or state.state == "missing":
        raise TurnRefused(f"There is no key {key_id[:8]} on the ring: ./iort keys list shows them.")
    if state.state == "signs":
        raise TurnRefused("This key signs now. Turn the ring first: ./iort keys rotate")
    if state.state == "wraps":
        raise TurnRefused("This key wraps the keys of data now. First: ./iort keys rewrap")
    if state.hangs and not force:
        raise TurnRefused(f"Something still needs the key {key_id}: {_told(state)}.")
    with _ring_file(world) as keys:
        kept = [key for key in keys if key.id != key_id]
        if len(kept) == len(keys):
            raise TurnRefused(
                "This key stands in the setting IORT_SECRET_KEY: take it out there, and restart."
                if key_id == LEGACY
                else "This key is not in the file of IORT_SECRET_KEYS_FILE."
            )
        keys[:] = kept
    _note(world, actor, "keys.retired", key_id)
    return list(state.hangs)


def _told(state: KeyState) -> str:
    return ", ".join(
        f"{one.count} {one.what}{f' (until {one.until:%d %b %Y})' if one.until else ''}"
        for one in state.hangs
    )


@contextmanager
def _ring_file(world: World) -> Iterator[list[Key]]:
    path = world.settings.secret_keys_file
    if not path:
        raise TurnRefused(
            "Say in IORT_SECRET_KEYS_FILE where the ring stands; IORT_SECRET_KEY stays beside it "
            "until its key is retired. docs/keys.md says how."
        )
    try:
        with changing(Path(path)) as keys:
            yield keys
    except OSError as error:
        raise TurnRefused(
            f"The file of the ring cannot be written ({type(error).__name__})."
        ) from None


def _ids(world: World, keys: list[Key]) -> set[str]:
    """Return the ids that were used: those on the ring, and those that something names still."""
    with transaction(world.engine) as session:
        return {key.id for key in keys} | {key_id for key_id, _ in sealed_by_key(session)}


def _note(world: World, actor: Actor, action: str, key_id: str) -> None:
    note_alone(
        world.engine, actor_ref=actor.ref, action=action, at=real_now(), object_ref=f"key:{key_id}"
    )
