"""The ring as a value: what is written and read, what opens what, and what never does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer
from pydantic import SecretStr

from keys import (
    Key,
    KeyMissing,
    OpeningFailed,
    Ring,
    RingRefused,
    TokenExpired,
    TokenForged,
    key_id_of,
    open_sealed,
    seal,
)
from keys.ring import parse_ring, written
from keys.ring_file import RingSource, changing
from keys.timed import read_timed, timed_token
from settings import Settings

SINCE = datetime(2026, 11, 30, 12, tzinfo=UTC)
OLD, NEW = Key("0", "o" * 40), Key("k1", "n" * 40, SINCE)
BEFORE, AFTER, WITHOUT = Ring([OLD]), Ring([NEW, OLD]), Ring([NEW])


def test_a_ring_is_read_as_it_was_written() -> None:
    keys = [NEW, OLD, Key("k2", "w" * 40, waits=True)]
    assert parse_ring(written(keys)) == keys
    assert parse_ring(f"# ours\n\nk1:{'n' * 40}:2026-11-30  # noon\n")[0].since == datetime(
        2026, 11, 30, tzinfo=UTC
    )
    assert [key.id for key in parse_ring(f"a:{'x' * 32},b:{'y' * 32}")] == ["a", "b"]
    assert "n" * 40 not in repr(AFTER.keys), "no secret in a traceback"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("k1", "key 1 of the ring is not written as id:secret"),
        (f"k1:{'x' * 32}\nK2:{'y' * 40}", "small letters and digits"),
        ("k1:short", "shorter than 32"),
        (f"k1:{'x' * 40}:yesterday", "the time of key 1"),
        (f"k1:{'x' * 20} {'x' * 20}", "a blank, comma"),
        ("", "there is no key"),
        (f"k1:{'x' * 40}\nk1:{'y' * 40}", "twice"),
    ],
)
def test_what_cannot_be_used_is_said_without_a_secret(text: str, said: str) -> None:
    with pytest.raises(RingRefused, match=said) as refused:
        Ring(parse_ring(text))
    assert "xxxx" not in str(refused.value)


def test_what_is_sealed_opens_after_the_ring_has_turned_and_nowhere_else() -> None:
    sealed = seal(BEFORE, "p", "row|1", b"value")
    assert key_id_of(sealed) == "0"
    assert open_sealed(AFTER, "p", "row|1", sealed) == b"value"
    anew = seal(AFTER, "p", "row|1", b"value")
    assert key_id_of(anew) == "k1" and anew != seal(AFTER, "p", "row|1", b"value")
    for ring, purpose, place, text in (
        (WITHOUT, "p", "row|1", sealed),
        (BEFORE, "p", "row|1", anew),
        (AFTER, "q", "row|1", anew),
        (AFTER, "p", "row|2", anew),
        (AFTER, "p", "row|1", anew.replace("r1.k1", "r1.0")),
        (AFTER, "p", "row|1", anew[:-4]),
        (AFTER, "p", "row|1", "value"),
    ):
        with pytest.raises(OpeningFailed):
            open_sealed(ring, purpose, place, text)


@given(st.text())
def test_no_text_opens(text: str) -> None:
    with pytest.raises(OpeningFailed):
        open_sealed(AFTER, "p", "row", text)
    with pytest.raises(TokenForged):
        read_timed(AFTER, "p", text, 60)


def test_keys_of_two_purposes_and_of_two_ids_are_others() -> None:
    same = Ring([Key("k1", "n" * 40), Key("k2", "n" * 40)])
    found = {same.derived("a"), same.derived("b"), same.derived("a", "k2"), same.proof("a", "m")}
    assert len(found) == 4
    with pytest.raises(KeyMissing):
        same.derived("a", "k3")
    with pytest.raises(KeyMissing):
        WITHOUT.legacy_proof("m")


def test_a_token_names_its_key_and_ends() -> None:
    with time_machine.travel(SINCE, tick=False) as clock:
        old, before = timed_token(BEFORE, "portal", [7, 1]), timed_token(AFTER, "portal", 7)
        of_old_code = URLSafeTimedSerializer("o" * 40, salt="portal").dumps(7)
        assert before.startswith("k1.") and old.startswith("0.")
        assert read_timed(AFTER, "portal", old, 60) == [7, 1]
        assert read_timed(AFTER, "portal", of_old_code, 60) == 7
        for ring, purpose, token in (
            (WITHOUT, "portal", old),
            (WITHOUT, "portal", of_old_code),
            (AFTER, "upload", before),
            (AFTER, "portal", "0" + before[2:]),
            (AFTER, "portal", before[3:]),
        ):
            with pytest.raises(TokenForged):
                read_timed(ring, purpose, token, 60)
        clock.shift(timedelta(seconds=61))
        with pytest.raises(TokenExpired) as ended:
            read_timed(AFTER, "portal", old, 60)
        assert ended.value.held == [7, 1]
        with pytest.raises(TokenForged):
            read_timed(WITHOUT, "portal", old, 60)


def source(**given: Any) -> RingSource:
    return RingSource(Settings(_env_file=None, **given))


def test_a_process_sees_the_ring_turn_and_keeps_it_when_the_file_is_broken(tmp_path: Any) -> None:
    path = tmp_path / "ring"
    ring = source(secret_keys_file=str(path), secret_key=SecretStr("o" * 40))
    with pytest.raises(RingRefused, match="cannot be read"):
        ring()
    with changing(path) as keys:
        keys.append(NEW)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [key.id for key in ring()] == ["k1", "0"], "the single key stays behind the ring's"
    with changing(path) as keys:
        keys.insert(0, replace(NEW, id="k2"))
    assert ring().signing.id == "k2"
    path.write_text("nonsense")
    assert ring().signing.id == "k2"
    path.unlink()
    assert ring().signing.id == "k2"
    with pytest.raises(RingRefused), changing(path) as keys:
        keys.extend([NEW, NEW])
    assert not path.exists(), "a ring that cannot be used is not written"


def test_settings_give_a_ring_or_a_single_key() -> None:
    assert [key.id for key in source(secret_key=SecretStr("o" * 40))()] == ["0"]
    both = source(
        secret_keys=SecretStr(f"k2:{'a' * 40},0:{'b' * 40}"), secret_key=SecretStr("c" * 40)
    )
    assert [key.secret[0] for key in both()] == ["a", "b"], "the ring's own key 0 counts"
    for given_ in ({}, {"secret_key": SecretStr("short")}, {"secret_keys": SecretStr("k1:short")}):
        with pytest.raises(RingRefused):
            source(**given_)()
