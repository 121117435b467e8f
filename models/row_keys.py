"""The keys of rows that belong to no case yet: an inquiry being written, a letter of a stranger.

Such a key is made in the transaction that writes the row. Triggers of the database follow the row
(`row_key_follows`, made by the migrations), so no place in the code has to: given to a case, the
row is sealed anew and the key belongs to that case, because backups from before need it, and goes
with the case's own; deleted or blanked, the row takes its key with it.
"""

from sqlmodel import Session

from models.key_store import KeyStore

OWNER = "row"


def own_key(session: Session, store: KeyStore, table: str, row_id: int) -> tuple[int, bytes]:
    """Return number and key of a row, made in the caller's transaction if there is none."""
    return store.made(session, OWNER, f"{table} {row_id}")
