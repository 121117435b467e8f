"""A migration that meets a table in use blocks nobody: it gives way and comes again."""

from threading import Event, Thread

import pytest
from sqlalchemy import Connection, Engine, text

from migrations import patience
from migrations.patience import give_way, patiently

HELD = "rate_count"


@pytest.fixture(autouse=True)
def shortly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LOCK_TIMEOUT", "100ms")


def locks(connection: Connection) -> None:
    """What a migration does: it wants a table for itself."""
    with connection.begin():
        give_way(connection)
        connection.execute(text(f"LOCK TABLE {HELD} IN ACCESS EXCLUSIVE MODE"))


def test_it_comes_again_until_the_table_is_free(owner_engine: Engine, engine: Engine) -> None:
    pauses: list[float] = []
    with engine.connect() as reader:
        reader.execute(text(f"SELECT count(*) FROM {HELD}"))

        def wait(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 2:
                reader.rollback()

        patiently(owner_engine, locks, wait=wait)
    assert pauses == [1.0, 2.0]


def test_whoever_reads_meanwhile_is_not_kept_waiting(owner_engine: Engine, engine: Engine) -> None:
    """The waiting lock would stand before every later reader; between the tries nothing does."""
    with engine.connect() as first, engine.connect() as second:
        first.execute(text(f"SELECT count(*) FROM {HELD}"))

        def wait(_: float) -> None:
            second.execute(text("SET LOCAL lock_timeout = '50ms'"))
            second.execute(text(f"SELECT count(*) FROM {HELD}"))
            first.rollback()
            second.rollback()

        patiently(owner_engine, locks, wait=wait)


def test_after_the_last_try_it_says_what_to_do(owner_engine: Engine, engine: Engine) -> None:
    with engine.connect() as reader:
        reader.execute(text(f"SELECT count(*) FROM {HELD}"))
        with pytest.raises(SystemExit, match=r"nothing was changed.*pg_stat_activity"):
            patiently(owner_engine, locks, pauses=(1, 2), wait=lambda _: None)


def test_two_that_migrate_come_one_after_the_other(owner_engine: Engine) -> None:
    inside, go_on = Event(), Event()

    def first(connection: Connection) -> None:
        with connection.begin():
            give_way(connection)
            inside.set()
            go_on.wait(30)

    holder = Thread(target=patiently, args=(owner_engine, first))
    holder.start()
    inside.wait(30)
    tries: list[float] = []

    def wait(seconds: float) -> None:
        tries.append(seconds)
        go_on.set()
        holder.join(30)

    patiently(owner_engine, locks, wait=wait)
    assert len(tries) == 1


def test_another_error_is_not_taken_for_a_lock(owner_engine: Engine) -> None:
    def fails(connection: Connection) -> None:
        connection.execute(text("SELECT 1 / 0"))

    with pytest.raises(Exception, match="division by zero"):
        patiently(owner_engine, fails, wait=lambda _: pytest.fail("it was tried again"))
