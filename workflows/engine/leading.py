"""One of several relays leads: a lease in the database, which another takes when it runs out."""

import time
from datetime import timedelta
from uuid import uuid4

from sqlalchemy import Engine, text

LEASE = timedelta(seconds=4)
"""So long, and a third more, nobody leads after one that was killed; who ends gives it back."""

ASLEEP_AT_MOST = LEASE * 2 / 3
"""Who leads and sleeps longer might lose the lead in its sleep."""

# A lease that ends later than one can was taken by a clock that was ahead.
_HOLD = text(
    """
    INSERT INTO leader AS l (name, holder, until) VALUES (:name, :me, now() + :lease)
    ON CONFLICT (name) DO UPDATE SET holder = :me, until = now() + :lease
     WHERE l.holder = :me OR l.until < now() OR l.until > now() + :lease
    RETURNING holder
    """
)
_LET_GO = text("UPDATE leader SET until = now() WHERE name = :name AND holder = :me")


class Leading:
    """Whether this process leads in `name`, asked as often as one likes."""

    def __init__(self, engine: Engine, name: str) -> None:
        # Each is one statement, and its own transaction.
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._name, self._me = name, str(uuid4())
        self._until = self._asked = float("-inf")

    def leads(self) -> bool:
        """Take or renew the lease every third of it, and say whether it is ours.

        Raises what SQLAlchemy raises while the database is away.
        """
        third = LEASE.total_seconds() / 3
        now = time.monotonic()
        if now - self._asked >= third or now >= self._until > self._asked:
            self._asked = now
            with self._engine.connect() as connection:
                held = connection.execute(_HOLD, {**self._values(), "lease": LEASE}).first()
            self._until = now + LEASE.total_seconds() if held else float("-inf")
        return time.monotonic() < self._until

    def let_go(self) -> None:
        """Let another lead at once."""
        self._until = float("-inf")
        with self._engine.connect() as connection:
            connection.execute(_LET_GO, self._values())

    def _values(self) -> dict[str, object]:
        return {"name": self._name, "me": self._me}
